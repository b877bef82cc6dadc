import type { Clock } from '../lib/clock.ts';
import type { Log, LogFields } from '../lib/log.ts';
import type { Mask } from '../lib/mask.ts';
import { type Format, jsonLine, legacyLine, textLine } from './log-line.ts';
import { shown } from './redact.ts';
import { type Ear, saidLine } from './said-line.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogOptions {
  /** Fixed, or as it stands when something is said. */
  readonly level: LogLevel | { readonly current: LogLevel };
  readonly format: 'text' | 'json' | 'legacy';
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  /** Takes configured secrets out of what is written; records that a pump writes to the log stay what they are. */
  readonly mask: Mask;
  readonly clock: Pick<Clock, 'now'>;
  /** Hears every line as well. */
  readonly ear?: Ear | undefined;
}

/**
 * The log, in the three formats of the reference (tyk-pump.md, "Log"). Not over pino: its lines have their own shape
 * and order, and turning them back into these would cost more than writing them.
 */
export function createLog({ level, format, write, mask, clock, ear }: LogOptions): Log {
  const formats: Record<LogOptions['format'], Format> = {
    text: textLine,
    json: jsonLine,
    legacy: legacyLine,
  };
  const line = formats[format];
  const show = shown(mask);
  const threshold = (): number => ranks[typeof level === 'string' ? level : level.current];

  const logWith = (common: LogFields): Log => {
    const at = (rank: LogLevel) => {
      const name = rank === 'warn' ? 'warning' : rank;
      return (fields: LogFields, message: string) => {
        if (ranks[rank] > threshold()) return;
        const entry = {
          at: clock.now(),
          level: name,
          message,
          fields: { ...common, ...fields },
        } as const;
        write(line(entry, show));
        if (ear?.hear === undefined) return;
        const said = saidLine(entry, show);
        if (said !== undefined) ear.hear(said);
      };
    };
    return {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      child: (fields) => logWith({ ...common, ...fields }),
    };
  };
  return logWith({});
}

const ranks: Record<LogLevel, number> = { error: 0, warn: 1, info: 2, debug: 3 };
