/** What a server answers to a bulk request when it has stored every document of it. */
export class AllStored {
  readonly count: number;
  readonly #json: string;

  constructor(count: number, json: string) {
    this.count = count;
    this.#json = json;
  }

  /** The answer as it came, for whoever expected another count. */
  parse(): unknown {
    return JSON.parse(this.#json);
  }
}

const itemsKey = '"items":[';
const statusKey = '"status":';
/** Before the items stand a number or two and a flag. */
const longestHead = 120;

const [zero, one, two, comma, closing] = [0x30, 0x31, 0x32, 0x2c, 0x7d];

/**
 * Reads an answer that says of every document that it was stored, without parsing it: of thousands of objects only
 * their number would be used. Undefined for any other answer, and for one in another hand (spaces, another order).
 *
 * Inside of a JSON text a quotation mark has a backslash before it, so what is searched for can only be keys.
 */
export function readAllStored(json: string): AllStored | undefined {
  const items = json.slice(0, longestHead).indexOf(itemsKey);
  if (items < 0 || !json.endsWith(']}')) return undefined;
  if (!json.slice(0, items).includes('"errors":false')) return undefined;
  const first = items + itemsKey.length;
  // Each item begins like the first one: `{"create":{`.
  const head = json.slice(first, json.indexOf('{', first + 1) + 1);
  let count = 0;
  for (let at = head === '' ? -1 : first; at >= 0; count++) {
    const next = json.indexOf(head, at + head.length);
    const status = json.indexOf(statusKey, at);
    if (status < 0 || (next >= 0 && next < status)) return undefined;
    if (!isStored(json, status + statusKey.length)) return undefined;
    at = next;
  }
  return new AllStored(count, json);
}

/** 200 or 201. */
function isStored(json: string, at: number): boolean {
  const last = json.charCodeAt(at + 2);
  const behind = json.charCodeAt(at + 3);
  return (
    json.charCodeAt(at) === two &&
    json.charCodeAt(at + 1) === zero &&
    (last === zero || last === one) &&
    (behind === closing || behind === comma)
  );
}
