/** Kinds of links, by their numbers at tcpdump.org: how far it is to the IP header. */
const linkTypes = {
  null: 0,
  ethernet: 1,
  rawOld: 12,
  rawBsd: 14,
  raw: 101,
  loop: 108,
  sll: 113,
  ipv4: 228,
  ipv6: 229,
  sll2: 276,
};

const etherTypes = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
};

/** No IP in it, such as ARP. */
const notIp = -1;
/** The kind of the link is not known. */
const unknownLink = -2;

/** Where the IP header stands in bytes[start … end); less than 0: nowhere. The bytes may be anything. */
export function ipAt(linkType: number, bytes: Buffer, start: number, end: number): number {
  switch (linkType) {
    case linkTypes.ethernet:
      return behindEtherType(bytes, start + 12, end);
    case linkTypes.sll:
      return behindEtherType(bytes, start + 14, end);
    case linkTypes.sll2:
      // The type stands first, and 18 other bytes behind it.
      if (start + 20 > end) return notIp;
      return behindTags(bytes, bytes.readUInt16BE(start), start + 20, end);
    case linkTypes.null:
    case linkTypes.loop:
      return ipOrNot(bytes, start + 4, end);
    case linkTypes.raw:
    case linkTypes.rawOld:
    case linkTypes.rawBsd:
    case linkTypes.ipv4:
    case linkTypes.ipv6:
      return ipOrNot(bytes, start, end);
    default:
      return unknownLink;
  }
}

export const isUnknownLink = (at: number): boolean => at === unknownLink;

function behindEtherType(bytes: Buffer, at: number, end: number): number {
  return at + 2 > end ? notIp : behindTags(bytes, bytes.readUInt16BE(at), at + 2, end);
}

/** Behind as many VLAN tags as there are (802.1Q, 802.1ad, and what Cisco had before). */
function behindTags(bytes: Buffer, etherType: number, from: number, end: number): number {
  let type = etherType;
  let at = from;
  while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
    if (at + 4 > end) return notIp;
    type = bytes.readUInt16BE(at + 2);
    at += 4;
  }
  return type === etherTypes.ipv4 || type === etherTypes.ipv6 ? ipOrNot(bytes, at, end) : notIp;
}

function ipOrNot(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return notIp;
  const version = (bytes[at] as number) >> 4;
  return version === 4 || version === 6 ? at : notIp;
}
