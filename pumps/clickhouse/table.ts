import { type Failure, type HttpAnswer, type HttpClient, kindOfStatus, type Log } from '#pump';
import { judgeAnswer, wordsOf } from './answer.ts';
import type { Column } from './columns.ts';
import { type Dialect, dialectQuery, insertSettings, readDialect, takesTokens } from './dialect.ts';
import { type RowsWriter, rowsWriter } from './encode.ts';
import type { Options } from './options.ts';
import { addStatement, columnsStatement, createStatement, insertStatement } from './statements.ts';

/** How rows are written to the table as it is. */
export interface Insert {
  /** The request's path and query, but for a token. */
  readonly path: string;
  readonly takesTokens: boolean;
  readonly writeRows: RowsWriter;
}

export type Known =
  | { readonly ok: true; readonly insert: Insert }
  | { readonly ok: false; readonly failure: Failure };

export interface TableParts {
  readonly client: HttpClient;
  readonly options: Options;
  /** What there is of a record. */
  readonly columns: readonly Column[];
  readonly log: Log;
}

/** The table: asked for its columns, and made, before the first insert and whenever it is not as it was. */
export class Table {
  readonly #client: HttpClient;
  readonly #options: Options;
  readonly #columns: readonly Column[];
  readonly #log: Log;
  #insert: Insert | undefined;

  constructor({ client, options, columns, log }: TableParts) {
    this.#client = client;
    this.#options = options;
    this.#columns = columns;
    this.#log = log;
  }

  /** The table may have been changed. */
  forget(): void {
    this.#insert = undefined;
  }

  async know(signal: AbortSignal): Promise<Known> {
    if (this.#insert !== undefined) return { ok: true, insert: this.#insert };
    const found = await this.#find(signal);
    if (found.ok) this.#insert = found.insert;
    return found;
  }

  async #find(signal: AbortSignal): Promise<Known> {
    const { create_table } = this.#options;
    const asked = await this.#ask(dialectQuery, signal);
    if (!asked.ok) return asked;
    const dialect = readDialect(asked.body);
    const found = await this.#names(signal);
    if (!found.ok) return found;
    if (!create_table || this.#columns.every(({ name }) => found.names.has(name)))
      return this.#known(found.names, dialect);
    const failure = await this.#make(found.names, dialect, signal);
    if (failure !== undefined) return { ok: false, failure };
    const made = await this.#names(signal);
    return made.ok ? this.#known(made.names, dialect) : made;
  }

  #known(names: ReadonlySet<string>, dialect: Dialect): Known {
    const { database, table, async_insert } = this.#options;
    if (names.size === 0)
      return missing(`There is no table ${database}.${table}, or none that the user may see.`);
    const ours = this.#columns.filter(({ name }) => names.has(name));
    if (ours.length === 0)
      return missing(`The table ${database}.${table} has none of the columns of a record.`);
    const left = this.#columns.filter(({ name }) => !names.has(name)).map(({ name }) => name);
    if (left.length > 0)
      this.#log.info(
        { columns: left },
        'The table lacks columns; what they would hold is left out.',
      );
    return { ok: true, insert: insertOf(this.#options, ours, { dialect, isAsync: async_insert }) };
  }

  async #make(
    names: ReadonlySet<string>,
    dialect: Dialect,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    const lacking = this.#columns.filter(({ name }) => !names.has(name));
    const statements =
      names.size === 0
        ? [createStatement(this.#options, this.#columns, dialect)]
        : lacking.map((column) => addStatement(this.#options, column, dialect));
    for (const statement of statements) {
      const done = await this.#ask(statement, signal);
      if (!done.ok) return done.failure;
    }
    return undefined;
  }

  async #names(
    signal: AbortSignal,
  ): Promise<
    | { readonly ok: true; readonly names: ReadonlySet<string> }
    | { readonly ok: false; readonly failure: Failure }
  > {
    const asked = await this.#ask(columnsStatement(this.#options), signal);
    if (!asked.ok) return asked;
    return { ok: true, names: new Set(asked.body.split('\n').filter((name) => name !== '')) };
  }

  /** A statement that is no insert: what it gives, or why not. */
  async #ask(
    statement: string,
    signal: AbortSignal,
  ): Promise<
    { readonly ok: true; readonly body: string } | { readonly ok: false; readonly failure: Failure }
  > {
    const body = Buffer.from(statement);
    const outcome = await this.#client.send({ method: 'POST', path: '', body }, signal);
    if (!outcome.ok) return outcome;
    const { answer } = outcome;
    if (answer.status === 200) return { ok: true, body: answer.body };
    return { ok: false, failure: failureOf(answer) };
  }
}

function failureOf(answer: HttpAnswer): Failure {
  const verdict = judgeAnswer(answer, 1);
  return verdict.outcome === 'delivered'
    ? { kind: kindOfStatus(answer.status), message: wordsOf(answer) }
    : verdict.failure;
}

const missing = (message: string): Known => ({
  ok: false,
  failure: { kind: 'unexpected', message },
});

function insertOf(
  options: Options,
  ours: readonly Column[],
  { dialect, isAsync }: { readonly dialect: Dialect; readonly isAsync: boolean },
): Insert {
  const query = new URLSearchParams({
    ...insertSettings(dialect, isAsync),
    query: insertStatement(options, ours),
  });
  return {
    path: `?${query.toString()}`,
    // Inserts that the server gathers are other ones each time.
    takesTokens: takesTokens(dialect) && !isAsync,
    writeRows: rowsWriter(ours),
  };
}
