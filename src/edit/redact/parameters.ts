/** Parameters of queries and forms by the names that the rules give, wherever `?name=` or `&name=` stands. */
export interface Parameter {
  /** Of the name. */
  readonly memberFrom: number;
  readonly from: number;
  readonly to: number;
}

const longestName = 256;

export function parametersIn(
  text: string,
  isForm: boolean,
  names: ReadonlySet<string>,
  found: (parameter: Parameter) => void,
): void {
  let at = isForm ? 0 : nextBegin(text, 0);
  while (at >= 0 && at < text.length) {
    const equals = nameEnd(text, at);
    if (equals < 0) {
      at = nextBegin(text, at);
      continue;
    }
    let to = equals + 1;
    while (to < text.length && !isValueEnd(text.charCodeAt(to), isForm)) to++;
    if (to > equals + 1 && names.has(plainName(text.slice(at, equals))))
      found({ memberFrom: at, from: equals + 1, to });
    at = nextBegin(text, equals + 1);
  }
}

function nextBegin(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x26 || code === 0x3f) return at + 1;
  }
  return -1;
}

/** The `=` behind a name that begins at `from`, or −1. */
function nameEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + longestName);
  for (let at = from; at < most; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3d) return at;
    if (code === 0x26 || code === 0x3f || code <= 0x20) return -1;
  }
  return -1;
}

const isValueEnd = (code: number, isForm: boolean): boolean =>
  code === 0x26 ||
  code === 0x0a ||
  code === 0x0d ||
  (!isForm && (code <= 0x20 || code === 0x22 || code === 0x23 || code === 0x3c || code === 0x3e));

/** In lower case, without percent-encodings. */
export function plainName(name: string): string {
  const decoded = name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return decoded.toLowerCase();
}
