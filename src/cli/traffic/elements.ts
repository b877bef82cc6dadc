import type { Millis } from '../../lib/units.ts';
import { sourceLists } from '../../purge/lists.ts';
import { decoders } from '../../record/decoders.ts';
import { encodeMsgpack } from '../../record/encode/msgpack.ts';
import { encodeProtobuf } from '../../record/encode/protobuf.ts';
import { Chance } from './chance.ts';
import { recordAt } from './traffic.ts';

/** Elements of one gateway list, in order. */
export interface ListElements {
  readonly list: string;
  readonly elements: readonly Buffer[];
}

export interface ElementOptions {
  readonly seed: number;
  readonly size: number;
  /** Time of the first record, and milliseconds between records. */
  readonly firstAt: Millis;
  readonly interval: number;
  readonly encoding: 'msgpack' | 'protobuf' | 'mixed';
  readonly lists: 'all' | 'one' | 'split';
  /** Share of elements that are no records. */
  readonly undecodable: number;
  readonly keyPrefix: string;
}

/** Records `first … first + number − 1`, encoded, by list. The same options give the same bytes. */
export function elementsOf(
  options: ElementOptions,
): (first: number, number: number) => readonly ListElements[] {
  const lists = listsOf(options);
  return (first, number) => {
    const filled = new Map<string, Buffer[]>();
    for (let index = first; index < first + number; index++) {
      // A stream of its own: how an element is stored changes no record.
      const chance = new Chance(options.seed ^ 0x5bd1_e995, index);
      const encoding = options.encoding === 'mixed' ? chance.pick(encodings) : options.encoding;
      const names = lists[encoding];
      const list = names[chance.below(names.length)] ?? '';
      const isBroken = chance.share() < options.undecodable;
      const fields = recordAt(index, options);
      const whole = encoding === 'msgpack' ? encodeMsgpack(fields) : encodeProtobuf(fields);
      const elements = filled.get(list) ?? [];
      elements.push(isBroken ? unreadable(whole) : whole);
      filled.set(list, elements);
    }
    return [...filled].map(([list, elements]) => ({ list, elements }));
  };
}

const encodings = ['msgpack', 'protobuf'] as const;

/** 0x0f is a number in MessagePack, where a record is a map, and in protobuf a wire type that does not exist. */
export const unreadable = (whole: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0x0f), whole.subarray(0, 40)]);

function listsOf({
  keyPrefix,
  lists,
}: ElementOptions): Record<(typeof encodings)[number], readonly string[]> {
  const of = (encoding: string): readonly string[] => {
    const keys = sourceLists(keyPrefix, decoders)
      .filter(({ decoder }) => decoder.name === encoding)
      .map(({ key }) => key);
    // The base list comes first.
    if (lists === 'one') return keys.slice(0, 1);
    return lists === 'split' ? keys.slice(1) : keys;
  };
  return { msgpack: of('msgpack'), protobuf: of('protobuf') };
}
