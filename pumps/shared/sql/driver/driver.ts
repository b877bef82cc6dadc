import type { Failure } from '#pump';

/** A value as a database gives it: what is read is notes and catalogues, so little is needed of it. */
export type Cell = string | number | bigint | boolean | Uint8Array | null;

/** A session with a database. Not to be used again once anything on it was rejected by the connection, or destroyed. */
export interface Connection {
  /** Runs statements one after the other, and gives the rows of all of them. Rejects at the first that fails. */
  run(statements: readonly string[]): Promise<readonly (readonly Cell[])[]>;
  /** What the server takes of rows in bulk, made while it takes them; only where the driver has it. */
  readonly copy?: (statement: string, rows: Iterable<Uint8Array>) => Promise<void>;
  /** Most bytes of a statement. */
  readonly maxStatement: number;
  /** Whether the connection stands, as far as it knows. */
  readonly isOpen: boolean;
  /** Ends at once; what is under way rejects. Twice is harmless. */
  destroy(): void;
}

/** What a failure means for the records of the transaction. */
export interface Judgement {
  /** `refused`: for what a record holds, so that others may pass. */
  readonly outcome: 'refused' | 'retry';
  readonly failure: Failure;
  /** A table or a column is not there (any more): it is looked at again. */
  readonly isAboutTables?: true;
  /** The session is of no use any more, such as on a server that no longer takes writes. */
  readonly endsSession?: true;
}

export interface Driver {
  /** Rejects where nothing answers, or the login is refused. */
  connect(signal: AbortSignal): Promise<Connection>;
  judge(error: unknown): Judgement;
  /** Whether an index or a column that was to be made is there already. */
  isAlreadyThere(error: unknown): boolean;
}
