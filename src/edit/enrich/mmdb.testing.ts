/** Writes small files in MaxMind's format (MaxMind DB 2.0), for tests: no registry has a maintained writer for Node. */
import { addressTestOf } from '../../query/address.ts';

export type MmdbValue = string | number | boolean | { readonly [key: string]: MmdbValue };

/** A number with a fraction is a double, another one an unsigned integer of 32 bits. */
export function mmdb(
  networks: Readonly<Record<string, MmdbValue>>,
  { databaseType = 'Test-City', ipVersion = 6, buildEpoch = 1_700_000_000 } = {},
): Buffer {
  const root: Node = [undefined, undefined];
  const nodes: Node[] = [root];
  const data: Buffer[] = [];
  for (const [network, value] of Object.entries(networks)) {
    const offset = data.reduce((sum, { length }) => sum + length, 0);
    data.push(encoded(value));
    enter(nodes, root, bitsOf(network, ipVersion), offset);
  }
  const numbers = new Map(nodes.map((node, at) => [node, at]));
  const tree = nodes.flatMap((node) =>
    node.map((branch) => {
      const record = Buffer.alloc(3);
      const number =
        branch === undefined
          ? nodes.length
          : typeof branch === 'number'
            ? nodes.length + 16 + branch
            : numbers.get(branch);
      record.writeUIntBE(number ?? nodes.length, 0, 3);
      return record;
    }),
  );
  const metadata = encoded({
    node_count: nodes.length,
    record_size: 24,
    ip_version: ipVersion,
    database_type: databaseType,
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: buildEpoch,
  });
  const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, metadata]);
}

/** Left and right: a node, the offset of a value, or nothing. */
type Node = [Branch, Branch];
type Branch = Node | number | undefined;

function enter(nodes: Node[], root: Node, bits: readonly (0 | 1)[], offset: number): void {
  let node = root;
  bits.forEach((bit, at) => {
    if (at === bits.length - 1) {
      node[bit] = offset;
      return;
    }
    const next = node[bit];
    const below: Node = typeof next === 'object' ? next : [undefined, undefined];
    if (next !== below) nodes.push(below);
    node[bit] = below;
    node = below;
  });
}

/** In a tree of version 6, addresses of version 4 lie behind 96 zeros. */
function bitsOf(text: string, ipVersion: number): readonly (0 | 1)[] {
  const test = addressTestOf(text);
  if (test === undefined) throw new Error(`${text} is no network`);
  const { network, prefix } = test;
  const bits = network.flatMap((octet) =>
    Array.from({ length: 8 }, (_, at): 0 | 1 => ((octet >> (7 - at)) & 1 ? 1 : 0)),
  );
  const before = network.length === 4 && ipVersion === 6 ? Array<0>(96).fill(0) : [];
  return [...before, ...bits.slice(0, prefix)];
}

const types = { text: 2, double: 3, uint32: 6, map: 7, boolean: 14 };

function encoded(value: MmdbValue): Buffer {
  if (typeof value === 'string') return tagged(types.text, Buffer.byteLength(value), value);
  if (typeof value === 'boolean') return tagged(types.boolean, value ? 1 : 0);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(Number.isInteger(value) ? 4 : 8);
    if (Number.isInteger(value)) bytes.writeUInt32BE(value);
    else bytes.writeDoubleBE(value);
    return tagged(bytes.length === 4 ? types.uint32 : types.double, bytes.length, bytes);
  }
  const entries = Object.entries(value);
  const members = entries.flatMap(([key, each]) => [encoded(key), encoded(each)]);
  return tagged(types.map, entries.length, Buffer.concat(members));
}

/** Types above 7 have a byte of their own; sizes from 29 on another one. */
function tagged(type: number, size: number, content: string | Buffer = ''): Buffer {
  const isExtended = type > 7;
  const head = ((isExtended ? 0 : type) << 5) | Math.min(size, 29);
  return Buffer.concat([
    Buffer.from([head, ...(isExtended ? [type - 7] : []), ...(size < 29 ? [] : [size - 29])]),
    Buffer.from(content),
  ]);
}
