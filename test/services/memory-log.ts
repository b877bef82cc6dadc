import type { Log, LogFields } from '../../src/lib/log.ts';

interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps what is logged, for a test to look at. */
export interface MemoryLog extends Log {
  readonly lines: readonly LogLine[];
  /** The messages from `warn` upwards, in order. */
  warnings(): readonly string[];
  /** Everything as one text: to search it for secrets. */
  text(): string;
}

export function memoryLog(): MemoryLog {
  const lines: LogLine[] = [];
  const logWith = (shared: LogFields): Log => {
    const at = (level: LogLine['level']) => (fields: LogFields, message: string) => {
      lines.push({ level, message, fields: { ...shared, ...fields } });
    };
    return {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      child: (fields) => logWith({ ...shared, ...fields }),
    };
  };
  return {
    ...logWith({}),
    lines,
    warnings: () =>
      lines
        .filter(({ level }) => level === 'warn' || level === 'error')
        .map(({ message }) => message),
    text: () => JSON.stringify(lines),
  };
}
