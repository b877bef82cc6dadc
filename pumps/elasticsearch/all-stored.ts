/** What a server answers to a bulk request when it has stored every document of it. */
export class AllStored {
  readonly count: number;
  readonly #json: Buffer;

  constructor(count: number, json: Buffer) {
    this.count = count;
    this.#json = json;
  }

  /** The answer as it came, for whoever expected another count. */
  parse(): unknown {
    return JSON.parse(this.#json.toString('utf8'));
  }
}

/** Before the items stand a number or two and a flag; a short item is about 30 bytes. */
const longestHead = 200;
const closing = ']}';
const headForm = /^\{(?=[^[\]{}]*"errors":false)[^[\]{}]*"items":\[/;
const shortItem = /^\{"[a-z]+":\{"status":20[01]\}\}/;

/**
 * Reads an answer that says of every document that it was stored, without parsing it: of thousands of objects only
 * their number would be used. Undefined for any other answer, and for one in another hand (spaces, another order).
 */
export function readAllStored(json: Buffer): AllStored | undefined {
  const [head] = headForm.exec(json.toString('latin1', 0, longestHead)) ?? [];
  if (head === undefined || json.toString('latin1', json.length - closing.length) !== closing)
    return undefined;
  const end = json.length - closing.length;
  if (head.length === end) return new AllStored(0, json);
  const count =
    alikeItems(json, head.length, end) ?? items(json.toString('latin1', head.length, end));
  return count === undefined ? undefined : new AllStored(count, json);
}

/**
 * How many items there are between these places where each is short and like the first, as when all documents were created.
 * Then every byte, from the second item on, is that of one item before: one comparison of native code says so.
 */
function alikeItems(json: Buffer, from: number, end: number): number | undefined {
  const [first] = shortItem.exec(json.toString('latin1', from, from + longestHead)) ?? [];
  if (first === undefined) return undefined;
  // With its comma.
  const size = first.length + 1;
  const count = (end + 1 - from) / size;
  if (!Number.isInteger(count)) return undefined;
  if (count === 1) return 1;
  if (json[from + first.length] !== comma) return undefined;
  return json.compare(json, from, end - size, from + size, end) === 0 ? count : undefined;
}

const statusKey = '"status":';

const [zero, one, two, comma, brace] = [0x30, 0x31, 0x32, 0x2c, 0x7d];

/**
 * How many items these are, where each has been stored. Inside of a JSON text a quotation mark has a backslash before it,
 * so what is searched for can only be keys.
 */
function items(json: string): number | undefined {
  // Each item begins like the first one: `{"create":{`.
  const head = json.slice(0, json.indexOf('{', 1) + 1);
  if (head === '') return undefined;
  let count = 0;
  for (let at = 0; at >= 0; count++) {
    const next = json.indexOf(head, at + head.length);
    if (next >= 0 && json.charCodeAt(next - 1) !== comma) return undefined;
    const status = json.indexOf(statusKey, at);
    if (status < 0 || (next >= 0 && next < status)) return undefined;
    if (!isStored(json, status + statusKey.length)) return undefined;
    at = next;
  }
  return count;
}

/** 200 or 201. */
function isStored(json: string, at: number): boolean {
  const last = json.charCodeAt(at + 2);
  const behind = json.charCodeAt(at + 3);
  return (
    json.charCodeAt(at) === two &&
    json.charCodeAt(at + 1) === zero &&
    (last === zero || last === one) &&
    (behind === brace || behind === comma)
  );
}
