/** Fields of a log line. Never a secret, never a record's content. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * A field that each log format writes in its own way: as text in key=value lines, as JSON inside a JSON line. For the
 * one pump whose destination is the log.
 */
export interface LogValue {
  toLogText(): string;
  /** JSON text, put into the line as it is. */
  toLogJson(): string;
}

/**
 * The log port. Messages are constant sentences, variables are fields.
 * error = records lost or a human needed; warn = recovered by itself; info = the life of the process;
 * debug = once per batch. Nothing per record.
 */
export interface Log {
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  /** A log whose lines all carry these fields. */
  child(fields: LogFields): Log;
}

const nothing = (): void => undefined;

/** Swallows everything; the default of tests. */
export const silentLog: Log = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  child: () => silentLog,
};
