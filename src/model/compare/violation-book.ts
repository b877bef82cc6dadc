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
    for (const each of reader.member('kinds').list.slice(0, mostKinds)) {
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

function exampleOf(reader: Reader): readonly [string, number] {
  const [id, time] = reader.list;
  if (id === undefined || time === undefined)
    throw new ModelFileError('an example of a violation is not a record id and a time');
  return [id.text, time.number];
}

const keyOf = ({ host, method, path, place, what }: Violation): string =>
  JSON.stringify([host, method, path, place, what]);
