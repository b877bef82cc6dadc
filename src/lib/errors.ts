/** An error of ours: a literal code to test for, and what caused it. Expected failures are values, not errors. */
export class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = new.target.name;
    this.code = code;
  }
}

/** The service cannot start; the message says what to change. */
export class StartError extends ServiceError {
  constructor(message: string, cause?: unknown) {
    super('START', message, cause);
  }
}

/** A promise between our own parts was broken: always a bug. The phrase is fixed, so it can be searched for. */
export class ContractError extends ServiceError {
  constructor(phrase: string, cause?: unknown) {
    super('CONTRACT', phrase, cause);
  }
}

/** What went wrong, as one line for a log field: the error's message and its causes' messages. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message =
    error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
  return error.cause === undefined ? message : `${message}: ${explain(error.cause)}`;
}
