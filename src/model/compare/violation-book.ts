import { ModelFileError, type Reader } from '../state/reader.ts';
import type { Violation } from './violations.ts';

/** A kind of violation, how often it was seen, and the first calls with it. Times in milliseconds since 1970. */
export interface CountedViolation extends Violation {
  count: number;
  firstSeen: number;
  lastSeen: number;
  /** Record ids, and when each was. */
  readonly examples: (readonly [id: string, time: number])[];
}

/** Kinds that are kept, each with so many examples. */
const mostKinds = 1000;
const mostExamples = 3;

/** Counts violations by kind. Of kinds that find no room only the number is kept. */
export class ViolationBook {
  readonly kinds: Map<string, CountedViolation>;
  /** Violations of kinds without room. */
  others: number;

  constructor(kinds = new Map<string, CountedViolation>(), others = 0) {
    this.kinds = kinds;
    this.others = others;
  }

  add(violation: Violation, id: string, time: number): void {
    const key = keyOf(violation);
    let counted = this.kinds.get(key);
    if (counted === undefined) {
      if (this.kinds.size >= mostKinds) {
        this.others++;
        return;
      }
      counted = { ...violation, count: 0, firstSeen: time, lastSeen: time, examples: [] };
      this.kinds.set(key, counted);
    }
    counted.count++;
    counted.firstSeen = Math.min(counted.firstSeen, time);
    counted.lastSeen = Math.max(counted.lastSeen, time);
    if (counted.examples.length < mostExamples) counted.examples.push([id, time]);
  }

  /** The most frequent first. */
  sorted(): readonly CountedViolation[] {
    return [...this.kinds]
      .sort(([one, a], [other, b]) => b.count - a.count || (one < other ? -1 : 1))
      .map(([, each]) => each);
  }

  toJson(): unknown {
    return { kinds: this.sorted(), others: this.others };
  }

  static from(reader: Reader): ViolationBook {
    const book = new ViolationBook();
    if (reader.isAbsent) return book;
    book.others = reader.member('others').count;
    const kinds = reader.member('kinds').list;
    for (const each of kinds.slice(mostKinds)) book.others += each.member('count').count;
    for (const each of kinds.slice(0, mostKinds)) {
      const text = (name: string): string => each.member(name).text;
      const violation = {
        ...{ host: text('host'), method: text('method'), path: text('path') },
        ...{ place: text('place'), what: text('what') },
      };
      book.kinds.set(keyOf(violation), {
        ...violation,
        count: each.member('count').count,
        firstSeen: each.member('firstSeen').number,
        lastSeen: each.member('lastSeen').number,
        examples: each.member('examples').list.slice(0, mostExamples).map(exampleOf),
      });
    }
    return book;
  }
}

/**
 * What several books have counted, with the earliest examples. It has all kinds of all of them; one that is read from a file keeps the most
 * frequent.
 */
export function mergedBooks(books: readonly ViolationBook[]): ViolationBook {
  const whole = new ViolationBook();
  for (const { kinds, others } of books) {
    whole.others += others;
    for (const [key, each] of kinds) {
      const known = whole.kinds.get(key);
      const examples = [...(known?.examples ?? []), ...each.examples].sort(byTime);
      whole.kinds.set(key, {
        ...each,
        count: each.count + (known?.count ?? 0),
        firstSeen: Math.min(each.firstSeen, known?.firstSeen ?? each.firstSeen),
        lastSeen: Math.max(each.lastSeen, known?.lastSeen ?? each.lastSeen),
        examples: examples.slice(0, mostExamples),
      });
    }
  }
  return whole;
}

const byTime = (
  [one, at]: readonly [string, number],
  [other, then]: readonly [string, number],
): number => at - then || (one < other ? -1 : 1);

function exampleOf(reader: Reader): readonly [string, number] {
  const [id, time] = reader.list;
  if (id === undefined || time === undefined)
    throw new ModelFileError('an example of a violation is not a record id and a time');
  return [id.text, time.number];
}

const keyOf = ({ host, method, path, place, what }: Violation): string =>
  JSON.stringify([host, method, path, place, what]);
