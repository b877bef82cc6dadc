/** An address out of its bytes, as people write it (RFC 5952). */
export function addressText(bytes: Buffer, at: number, length: 4 | 16): string {
  if (length === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const groups: string[] = [];
  for (let group = 0; group < 8; group++)
    groups.push(bytes.readUInt16BE(at + 2 * group).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
