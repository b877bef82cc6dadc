import { isAborted, type Log } from '#pump';
import type { MongoDatabase, MongoDocument, Reading } from './client.ts';
import { isPassing, verdictOfError } from './failure.ts';
import { databaseTypes } from './options.ts';

/** An index, as `createIndexes` takes it. */
export interface Index {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly expireAfterSeconds?: number;
}

export interface CollectionRules {
  /** What the server is (options.ts). */
  readonly databaseType: number;
  readonly indexes: readonly Index[];
  /** A collection that is made has this many bytes at most; undefined: any. */
  readonly cappedBytes: number | undefined;
  readonly reading: Reading;
}

/** So many names are remembered; then all are looked at again. */
const mostRemembered = 10_000;

/**
 * Makes sure of collections before the first document goes there: capped where that is asked for, and with their indexes.
 * A server that refuses either is told of once, and the documents go there all the same: no index is worth a record.
 */
export class Collections {
  readonly #database: MongoDatabase;
  readonly #rules: CollectionRules;
  readonly #log: Log;
  readonly #prepared = new Set<string>();
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(database: MongoDatabase, rules: CollectionRules, log: Log) {
    this.#database = database;
    this.#rules = rules;
    this.#log = log;
  }

  /** Throws where the server is away, and is to be asked again then. */
  async prepare(name: string, signal: AbortSignal): Promise<void> {
    if (this.#prepared.has(name)) return;
    const { indexes, cappedBytes, databaseType } = this.#rules;
    if (indexes.length > 0 || cappedBytes !== undefined) {
      const found = await this.#look(name, signal);
      if (found === 'absent') {
        await this.#unlessRefused(name, 'create', () => this.#create(name, signal));
        await this.#unlessRefused(name, 'createIndexes', () => this.#index(name, signal));
      } else {
        if (cappedBytes !== undefined && found === 'uncapped')
          this.#log.warn({ collection: name }, 'The collection is there, and is not capped.');
        // Of MongoDB nobody knows how long that would take; the others say so at once.
        if (databaseType !== databaseTypes.mongodb) this.#indexLater(name);
      }
    }
    if (this.#prepared.size >= mostRemembered) this.#prepared.clear();
    this.#prepared.add(name);
  }

  /** Ends what is still under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#underWay);
  }

  async #look(name: string, signal: AbortSignal): Promise<'absent' | 'capped' | 'uncapped'> {
    try {
      const { cursor } = (await this.#database.command(
        { listCollections: 1, filter: { name }, authorizedCollections: true },
        signal,
        this.#rules.reading,
      )) as { cursor: { firstBatch: readonly Listed[] } };
      // Some servers list all.
      const found = cursor.firstBatch.find((each) => each.name === name);
      if (found === undefined) return 'absent';
      return found.options?.capped === true ? 'capped' : 'uncapped';
    } catch (error) {
      this.#refused(name, 'listCollections', error);
      // What a user may not see is likely to be there.
      return 'capped';
    }
  }

  async #create(name: string, signal: AbortSignal): Promise<void> {
    const { cappedBytes } = this.#rules;
    if (cappedBytes === undefined) return;
    const create = { create: name, capped: true, size: cappedBytes };
    await this.#database.command(this.#database.write(create), signal).catch((error: unknown) => {
      if (!isThere(error)) throw error;
    });
  }

  async #index(name: string, signal: AbortSignal): Promise<void> {
    const { indexes, databaseType } = this.#rules;
    if (indexes.length === 0) return;
    const background = databaseType === databaseTypes.mongodb ? { background: true } : {};
    const all = indexes.map(
      ({ name, key, expireAfterSeconds }): MongoDocument => ({
        ...{ name, key, ...background },
        ...(expireAfterSeconds === undefined ? {} : { expireAfterSeconds }),
      }),
    );
    await this.#database.command({ createIndexes: name, indexes: all }, signal);
  }

  /** Beside the deliveries, which do not wait for it. */
  #indexLater(name: string): void {
    const { signal } = this.#closing;
    const work = this.#index(name, signal)
      .catch((error: unknown) => {
        if (isAborted(signal)) return;
        const { message } = failureIn(error);
        this.#log.warn({ collection: name, error: message }, refusal('createIndexes'));
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #unlessRefused(name: string, what: Step, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#refused(name, what, error);
    }
  }

  /** Says so; an outage is thrown on. */
  #refused(name: string, what: Step, error: unknown): void {
    const verdict = verdictOfError(error);
    if (isPassing(verdict)) throw error;
    this.#log.warn({ collection: name, error: failureIn(error).message }, refusal(what));
  }
}

interface Listed {
  readonly name: string;
  readonly options?: { readonly capped?: boolean };
}

type Step = 'listCollections' | 'create' | 'createIndexes';

const refusals: Readonly<Record<Step, string>> = {
  listCollections: 'The server does not say whether the collection is there: no indexes are made.',
  create: 'The server makes no capped collection: it will be an ordinary one.',
  createIndexes: 'The server makes no indexes of the collection.',
};
const refusal = (step: Step): string => refusals[step];

function failureIn(error: unknown): { readonly message: string } {
  const verdict = verdictOfError(error);
  return verdict.outcome === 'delivered' ? { message: '' } : verdict.failure;
}

/** NamespaceExists: another instance was faster. */
const isThere = (error: unknown): boolean =>
  error instanceof Error && (error as { code?: unknown }).code === 48;
