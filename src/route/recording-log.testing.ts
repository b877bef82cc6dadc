import type { Log, LogFields } from '../lib/log.ts';

interface Line {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines. */
export class RecordingLog implements Log {
  readonly lines: Line[] = [];

  /** The fields of each line that begins so. */
  of(message: string): readonly LogFields[] {
    return this.lines.filter((line) => line.message.startsWith(message)).map((line) => line.fields);
  }

  error(fields: LogFields, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }

  warn(fields: LogFields, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  info(fields: LogFields, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  debug(fields: LogFields, message: string): void {
    this.lines.push({ level: 'debug', fields, message });
  }

  child(): Log {
    return this;
  }
}
