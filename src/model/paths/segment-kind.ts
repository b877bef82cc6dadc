/** Kinds of segments that are values by their looks alone. */
export type SegmentKind = 'number' | 'uuid' | 'hex' | 'date' | 'email' | 'jwt' | 'id';

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const date = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:T[\d:.Z+-]{4,30})?$/;
const email = /^[^\s@/]{1,64}@[^\s@/]{1,190}\.[A-Za-z]{2,24}$/;
const jwt = /^eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?$/;
const longest = 100;

/** Undefined: it may be a word. The text is decoded already. */
export function segmentKind(text: string): SegmentKind | undefined {
  if (text.length > longest) return jwt.test(text) ? 'jwt' : 'id';
  if (/^-?\d+$/.test(text)) return 'number';
  if (!/[\d@]/.test(text)) return isLongRandom(text) ? 'id' : undefined;
  if (uuid.test(text)) return 'uuid';
  if (date.test(text)) return 'date';
  if (email.test(text)) return 'email';
  if (jwt.test(text)) return 'jwt';
  if (/^[0-9a-f]{16,}$/i.test(text)) return 'hex';
  return isMixed(text) ? 'id' : undefined;
}

/** `v1alpha1`, `2.0-rc1`, `v2023.10`. */
const version =
  /^v?\d{1,4}(?:\.\d{1,4}){0,3}[.-]?(?:(?:alpha|beta|rc|preview|pre|dev|p)[.-]?\d{0,3})?$/i;

/**
 * Base64, ULIDs, `cus_9s6XKzkNRiz8i3`, `AC` and 32 digits: letters and digits in and out, as nobody names a thing. Versions and
 * names with a number (`v2`, `oauth2`, `s3-bucket1`) change once.
 */
function isMixed(text: string): boolean {
  if (version.test(text)) return false;
  const words = text.split(/[-_.~=+:, ]/);
  let changes = 0;
  for (const word of words) {
    const turns = word.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g)?.length ?? 0;
    changes += turns;
    if (word.length >= 16 && turns > 0 && /\d/.test(word)) return true;
  }
  if (text.length >= 8 && changes >= 3) return true;
  const digits = text.match(/\d/g)?.length ?? 0;
  // A key with a number: `order-48213`, `INV_000317`.
  return digits >= 5 || (text.length >= 16 && digits >= 3 && changes >= 2);
}

/** Letters alone: only where capitals stand as chance puts them. */
function isLongRandom(text: string): boolean {
  if (text.length < 16 || !/^[A-Za-z_=+-]+$/.test(text)) return false;
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text)) return false;
  const capitals = text.match(/[A-Z]+/g) ?? [];
  const doubled = capitals.filter((run) => run.length > 1).length;
  const short = text.match(/(?<=[A-Z])[a-z]{1,2}(?=[A-Z])/g)?.length ?? 0;
  return doubled >= 2 && short >= 2;
}

/** What stands at the end of a value and is not of it: `{id}.json`, `{name}:cancel`. */
export interface SplitSegment {
  readonly stem: string;
  readonly suffix: string;
}

const ending =
  /^(.+?)(\.(?:json|xml|csv|html?|txt|pdf|png|jpe?g|gif|svg|zip|ya?ml|rss|atom|ics|mp[34]|wav)|:[A-Za-z]{3,40})$/;

export function splitSegment(segment: string): SplitSegment {
  const [, stem = segment, suffix = ''] = ending.exec(segment) ?? [];
  return { stem, suffix };
}

/** Undone percent-encodings; as it stands where they are broken. */
export function decodedSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
