import type { Document } from 'mongodb';
import { type Aggregate, type Counter, meanOf, type OpenCounter } from '#pump';
import { counterDocument, dateOf, errorList } from './counter-document.ts';
import type { NotesChange } from './notes.ts';
import { ownMember, type Part, type Place, placedIn, sumOf } from './part.ts';
import type { Types } from './types.ts';

/** An update of a part, and what the part is once the server has taken it. */
export interface Change {
  readonly update: Document;
  /** Makes the part what it is then. */
  readonly apply: () => void;
}

export interface ChangeRules {
  readonly types: Types;
  /** Dimensions that are not written. */
  readonly ignored: ReadonlySet<string>;
  /** Dimensions that have lists. */
  readonly listed: ReadonlySet<string>;
}

/**
 * The update that adds an aggregate to a part: sums, averages, lists and notes in one, which the server does at once or not at
 * all. Sums are added to what is there, so that nothing is lost that Tyk Pump adds beside us; averages and lists are made from
 * the part as it was read, which the revision in the filter vouches for.
 */
export function changeOf(
  part: Part,
  aggregate: Aggregate,
  notes: NotesChange,
  rules: ChangeRules,
): Change {
  const { types } = rules;
  const operators = new Operators(types);
  const merged = new Map<string, { place: Place; counter: OpenCounter }>();
  // Made once: what stands below its name stands in a list as well.
  const documents = new Map<OpenCounter, Document>();
  const documentOf = (counter: OpenCounter): Document => {
    const document = documents.get(counter) ?? counterDocument(counter, types);
    documents.set(counter, document);
    return document;
  };
  const change = (path: string, added: Counter, before: Counter | undefined): OpenCounter => {
    const after = sumOf(before, added);
    if (before === undefined) operators.set(path, documentOf(after));
    else operators.count(path, added, before, after);
    return after;
  };
  const total = change('total', aggregate.total, part.total);
  for (const [path, { place, counter }] of placedIn(aggregate, rules.ignored))
    merged.set(path, { place, counter: change(path, counter, part.counters.get(path)?.counter) });
  const all = new Map([...part.counters, ...merged]);
  for (const [path, counters] of listsOf(all, merged, rules))
    operators.set(`lists.${path}`, counters.map(documentOf));
  operators.describe(aggregate);
  operators.note(notes, (part.revision ?? 0) + 1);
  return {
    update: operators.update,
    apply() {
      part.revision = (part.revision ?? 0) + 1;
      part.notes.apply(notes);
      for (const [path, counter] of merged) part.counters.set(path, counter);
      part.total = total;
    },
  };
}

/** All counters of each dimension that has changed, in the order in which they came. */
function* listsOf(
  all: ReadonlyMap<string, { readonly place: Place; readonly counter: OpenCounter }>,
  changed: ReadonlyMap<string, { readonly place: Place }>,
  { listed }: ChangeRules,
): Iterable<readonly [string, readonly OpenCounter[]]> {
  const wanted = new Map<string, OpenCounter[]>();
  for (const { place } of changed.values())
    if (listed.has(place.dimension)) wanted.set(listOf(place), []);
  for (const { place, counter } of all.values()) wanted.get(listOf(place))?.push(counter);
  yield* wanted;
}

const listOf = ({ dimension, outer }: Place): string =>
  outer === undefined ? dimension : `${dimension}.${outer}`;

/** Gathers an update. */
class Operators {
  readonly #types: Types;
  readonly #set: Document = {};
  readonly #unset: Document = {};
  readonly #inc: Document = {};
  readonly #max: Document = {};
  readonly #min: Document = {};

  constructor(types: Types) {
    this.#types = types;
  }

  get update(): Document {
    const operators = {
      $set: this.#set,
      $unset: this.#unset,
      $inc: this.#inc,
      $max: this.#max,
      $min: this.#min,
    };
    return Object.fromEntries(
      Object.entries(operators).filter(([, members]) => Object.keys(members).length > 0),
    );
  }

  set(path: string, value: unknown): void {
    this.#set[path] = value;
  }

  /** A counter that the document has: what is added to it, and what follows from that. */
  count(path: string, added: Counter, before: Counter, after: Counter): void {
    const { integer, long, double } = this.#types;
    const add = (name: string, value: number, typed: (value: number) => unknown): void => {
      if (value !== 0) this.#inc[`${path}.${name}`] = typed(value);
    };
    add('hits', added.hits, integer);
    add('success', added.success, integer);
    add('errortotal', added.error, integer);
    add('totalrequesttime', added.totalRequestTime, double);
    add('totallatency', added.totalLatency, long);
    add('totalupstreamlatency', added.totalUpstreamLatency, long);
    add('openconnections', added.openConnections, long);
    add('closedconnections', added.closedConnections, long);
    add('bytesin', added.bytesIn, long);
    add('bytesout', added.bytesOut, long);
    for (const [code, count] of added.errorMap) add(`errormap.${code}`, count, integer);
    if (added.errorMap.size > 0) this.set(`${path}.errorlist`, errorList(after, this.#types));
    if (after.humanIdentifier !== before.humanIdentifier)
      this.set(`${path}.humanidentifier`, after.humanIdentifier);
    this.set(`${path}.lasttime`, dateOf(after.lastTime));
    if (added.hits > 0) this.#measure(path, before, after);
  }

  #measure(path: string, before: Counter, after: Counter): void {
    const { long, double } = this.#types;
    const mean = (total: number): unknown => double(meanOf(after, total));
    this.set(`${path}.requesttime`, mean(after.totalRequestTime));
    this.set(`${path}.latency`, mean(after.totalLatency));
    this.set(`${path}.upstreamlatency`, mean(after.totalUpstreamLatency));
    if (after.maxLatency !== before.maxLatency)
      this.#max[`${path}.maxlatency`] = long(after.maxLatency);
    if (after.maxUpstreamLatency !== before.maxUpstreamLatency)
      this.#max[`${path}.maxupstreamlatency`] = long(after.maxUpstreamLatency);
    // Where there were errors alone, the least of them gives way to that of the calls that were none.
    const operator = before.hits > before.error ? this.#min : this.#set;
    if (after.minLatency !== before.minLatency || before.hits === 0)
      operator[`${path}.minlatency`] = long(after.minLatency);
    if (after.minUpstreamLatency !== before.minUpstreamLatency || before.hits === 0)
      operator[`${path}.minupstreamlatency`] = long(after.minUpstreamLatency);
  }

  describe({ timeId, expireAt, lastTime }: Aggregate): void {
    const { integer } = this.#types;
    for (const [name, value] of Object.entries(timeId))
      this.set(`timeid.${name}`, integer(value as number));
    this.#max['expireAt'] = dateOf(expireAt);
    this.#max['lasttime'] = dateOf(lastTime);
  }

  note({ noted, forgotten }: NotesChange, revision: number): void {
    const { integer } = this.#types;
    for (const [segment, bounds] of noted)
      this.set(
        `${ownMember}.counted.${segment}`,
        bounds.map((bound) => integer(bound)),
      );
    for (const segment of forgotten) this.#unset[`${ownMember}.counted.${segment}`] = '';
    this.set(`${ownMember}.revision`, integer(revision));
    this.set(`${ownMember}.full`, false);
  }
}
