/** The configuration of a service as it was read last, and how it is read once more. */
import { readFile } from 'node:fs/promises';
import { effectiveConfig } from '../../config/effective.ts';
import { loadConfig } from '../../config/load.ts';
import type { Millis } from '../../lib/units.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import { reviewEntries } from '../prepare.ts';
import { recorder } from '../workers/boot.ts';
import type { ConfigTexts } from '../workers/config-texts.ts';
import type { Rereading } from './reloader.ts';

export interface Reading {
  readonly path: string;
  readonly isDebug: boolean;
  readonly level: { current: LogLevel };
  /** Of the one in force. */
  texts: ConfigTexts;
  /** Files that were read last, in force or not. */
  seen: ReadonlyMap<string, string>;
}

/** What it takes of the process. */
interface Tools {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Types that a configuration may name. */
  readonly types: readonly string[];
  readonly findPump: FindPump;
  /** Files as they were when the process began. */
  readonly atStart: ReadonlyMap<string, string>;
  /** Hears of secrets before anything is said of what has them. */
  readonly learn: (secrets: Iterable<string>) => void;
  /** How long the process may take to end, from now on. */
  readonly allow: (time: Millis) => void;
}

export const readTextFile = (file: string): Promise<string> => readFile(file, 'utf8');

/** The configuration, read and checked as a whole once more; nothing is left of what was read before. */
export function rereading(
  reading: Reading,
  { env, types, findPump, atStart, learn, allow }: Tools,
): Rereading {
  return {
    files: () => [...reading.seen.keys()],
    async read() {
      const { readFile: read, files } = recorder(readTextFile);
      const { path, isDebug } = reading;
      const loaded = await loadConfig({ path, env, readFile: read, types });
      learn(loaded.secrets);
      const { config } = loaded;
      const reviewed = await reviewEntries(loaded.pumps, { findPump, admin: config?.health });
      learn(reviewed.secrets);
      reading.seen = new Map([[path, ''], ...files]);
      const problems = [...loaded.problems, ...reviewed.problems];
      const { sections, locate } = loaded;
      const { usable: pumps } = reviewed;
      return {
        config,
        pumps,
        effective: effectiveConfig({ path, sections, locate, pumps }),
        problems,
        configured: loaded.pumps.map(({ name }) => name),
        leftOut: reviewed.leftOut,
        logLevel: isDebug ? 'debug' : (config?.log.level ?? 'info'),
        texts: { files, atStart, located: reading.texts.located },
      };
    },
    adopt({ texts, logLevel }, { delivery }) {
      reading.texts = texts;
      reading.level.current = logLevel;
      allow(delivery.shutdownTimeout);
    },
  };
}
