import { IdSet } from './id-set.ts';
import { indexWithin, Seen } from './seen.ts';

/** What a bulk request made of its documents: the status of each, and which operations they were. */
export interface BulkOutcome {
  readonly statuses: readonly number[];
  readonly isCreate: boolean;
  /** The ids of all, where they are asked for. */
  readonly ids?: readonly string[];
}

const [lineEnd, quote] = [0x0a, 0x22];
const idKey = Buffer.from('"_id":');
const [created, conflict, tooMany] = [201, 409, 429];

/** Counts the documents of `_bulk` bodies without parsing them: two lines each, found by their ends. */
export class BulkDocuments {
  readonly seen: Seen;
  readonly #ids = new IdSet();
  /** Share of the documents answered 429. */
  readonly #refused: number;
  /** Hears of each record that is there for the first time. */
  readonly #onNew: (index: number) => void;
  #conflicts = 0;
  #withoutRecord = 0;

  constructor(expected: number, refused: number, onNew: (index: number) => void = () => undefined) {
    this.seen = new Seen(expected);
    this.#refused = refused;
    this.#onNew = onNew;
  }

  /** Different ids of what was stored; documents without one have none. */
  get ids(): number {
    return this.#ids.size;
  }

  get conflicts(): number {
    return this.#conflicts;
  }

  /** Documents that hold no record of ours. */
  get withoutRecord(): number {
    return this.#withoutRecord;
  }

  take(body: Buffer, { wantsIds = false } = {}): BulkOutcome {
    const statuses: number[] = [];
    const ids: string[] = [];
    let isCreate = false;
    for (let at = 0; at < body.length; ) {
      const actionEnd = endOfLine(body, at);
      const end = endOfLine(body, actionEnd + 1);
      // {"create":… or {"index":…
      isCreate = body[at + 2] === 0x63;
      statuses.push(this.#take(body, { at, actionEnd, end, isCreate }));
      if (wantsIds) ids.push(idIn(body.toString('utf8', at, actionEnd)));
      at = end + 1;
    }
    return wantsIds ? { statuses, isCreate, ids } : { statuses, isCreate };
  }

  #take(body: Buffer, { at, actionEnd, end, isCreate }: Lines): number {
    if (this.#refused > 0 && Math.random() < this.#refused) return tooMany;
    if (!this.#isNewId(body, at, actionEnd) && isCreate) {
      this.#conflicts++;
      return conflict;
    }
    const index = indexWithin(body, actionEnd, end);
    if (index < 0) this.#withoutRecord++;
    else if (this.seen.add(index)) this.#onNew(index);
    return created;
  }

  #isNewId(body: Buffer, at: number, actionEnd: number): boolean {
    // Of the line alone: in a body without ids the search would go to its end each time.
    const offset = body.subarray(at, actionEnd).indexOf(idKey);
    if (offset < 0) return true;
    const key = at + offset;
    const start = body.indexOf(quote, key + idKey.length) + 1;
    return this.#ids.add(body, start, body.indexOf(quote, start));
  }
}

interface Lines {
  readonly at: number;
  readonly actionEnd: number;
  readonly end: number;
  readonly isCreate: boolean;
}

const idIn = (action: string): string => /"_id":"([^"]*)"/.exec(action)?.[1] ?? '';

function endOfLine(body: Buffer, from: number): number {
  const end = body.indexOf(lineEnd, from);
  return end < 0 ? body.length : end;
}
