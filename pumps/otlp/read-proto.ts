/** A field's last value: the number of a varint, or the bytes of what has a size. */
export type Field = bigint | Uint8Array;

/** The fields of a message; undefined where the bytes are none. */
export function readMessage(bytes: Uint8Array): ReadonlyMap<number, Field> | undefined {
  const fields = new Map<number, Field>();
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag >> 3n === 0n) return undefined;
    const [field, wire] = [Number(tag >> 3n), Number(tag & 7n)];
    const number = wire === 0 || wire === 2 ? varint() : fixedSizes[wire];
    if (number === undefined) return undefined;
    if (wire === 0) {
      fields.set(field, number);
      continue;
    }
    const end = at + Number(number);
    if (end > bytes.length) return undefined;
    fields.set(field, bytes.subarray(at, end));
    at = end;
  }
  return fields;
}

/** By how a value lies. */
const fixedSizes: Readonly<Record<number, bigint>> = { 1: 8n, 5: 4n };

export const readInt64 = (varint: bigint): number => Number(BigInt.asIntN(64, varint));
