import { base64 } from './base64-runs.ts';
import { escapeJson, stringEnd, unescapeJson, utf8Of } from './json-text.ts';
import { isTaken, type Layer, mapped } from './layer.ts';

/** All texts within a text, disjoint. Of base64 none begins before `runFrom`. */
export function layersOf(text: string, bytes: Uint8Array, runFrom: number): readonly Layer[] {
  const layers: Layer[] = [];
  escaped(text, layers);
  percent(text, layers);
  entities(text, layers);
  base64(text, bytes, runFrom, layers);
  return layers;
}

/** The first backslash of JSON is within a string, which the quote before it began. */
function escaped(text: string, layers: Layer[]): void {
  let least = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', least)) {
    let from = at;
    while (from > least && text.charCodeAt(from - 1) !== 0x22) from--;
    const to = stringEnd(text, from);
    const decoded = unescapeJson(text, from, to);
    least = to + 1;
    // Backslashes that escape nothing.
    if (decoded.text.length === to - from) continue;
    layers.push({
      from,
      to,
      text: decoded.text,
      isForm: false,
      isString: true,
      isText: true,
      outer: mapped(decoded.places, escapeJson),
      rewrite: undefined,
    });
  }
}

function percent(text: string, layers: Layer[]): void {
  if (!text.includes('%')) return;
  const taken = layers.slice();
  let least = 0;
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', Math.max(least, at + 1))) {
    if (hexByte(text, at + 1) < 0) continue;
    let from = at;
    while (from > least && !isUnitEnd(text.charCodeAt(from - 1))) from--;
    let to = at;
    while (to < text.length && !isUnitEnd(text.charCodeAt(to))) to++;
    least = to;
    if (isTaken(taken, from, to)) continue;
    const places = new Uint32Array(to - from + 1);
    const out = Buffer.allocUnsafe(to - from);
    let length = 0;
    for (let place = from; place < to; ) {
      const byte = text.charCodeAt(place) === 0x25 ? hexByte(text, place + 1) : -1;
      places[length] = place;
      out[length++] = byte < 0 ? text.charCodeAt(place) : byte;
      place += byte < 0 ? 1 : 3;
    }
    places[length] = to;
    layers.push({
      from,
      to,
      text: out.toString('latin1', 0, length),
      isForm: true,
      isString: false,
      isText: true,
      outer: mapped(places.subarray(0, length + 1), escapePercent),
      rewrite: undefined,
    });
  }
  if (taken.length > 0 && layers.length > taken.length)
    layers.sort((left, right) => left.from - right.from);
}

/** What ends a value in a query, a form, a line or a quoted text. */
function isUnitEnd(code: number): boolean {
  return (
    code <= 0x20 ||
    code === 0x26 ||
    code === 0x3f ||
    code === 0x23 ||
    code === 0x22 ||
    code === 0x3c ||
    code === 0x3e
  );
}

const hexByte = (text: string, at: number): number => {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
};

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

const escapePercent = (put: string): string =>
  put.replaceAll(
    /[^A-Za-z0-9_.~-]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** What stands in texts of HTML and XML for the signs of their tags. */
const entity =
  /&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|(quot|amp|apos|lt|gt|commat|colon|equals|nbsp));/y;
const named: Readonly<Record<string, number>> = {
  quot: 0x22,
  amp: 0x26,
  apos: 0x27,
  lt: 0x3c,
  gt: 0x3e,
  commat: 0x40,
  colon: 0x3a,
  equals: 0x3d,
  nbsp: 0x20,
};

function entities(text: string, layers: Layer[]): void {
  if (!text.includes('&')) return;
  const taken = layers.slice();
  let least = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', Math.max(least, at + 1))) {
    entity.lastIndex = at;
    if (!entity.test(text)) continue;
    let from = at;
    while (from > least && !isTextEnd(text.charCodeAt(from - 1))) from--;
    let to = at;
    // A `>` need not be escaped.
    while (to < text.length && !isTextEnd(text.charCodeAt(to), true)) to++;
    least = to;
    if (isTaken(taken, from, to)) continue;
    // The shortest that stands for a letter of several bytes is `&#128;`: they never need more room.
    const places = new Uint32Array(to - from + 1);
    const out = Buffer.allocUnsafe(to - from);
    let length = 0;
    for (let place = from; place < to; ) {
      entity.lastIndex = place;
      const found = text.charCodeAt(place) === 0x26 ? entity.exec(text) : null;
      const [whole = ' ', decimal, hex, name = ''] = found ?? [];
      const point = Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
      const bytes =
        found === null
          ? [text.charCodeAt(place)]
          : utf8Of(Math.min(named[name] ?? point, 0x10ffff));
      for (const byte of bytes) {
        places[length] = place;
        out[length++] = byte;
      }
      place += whole.length;
    }
    places[length] = to;
    layers.push({
      from,
      to,
      text: out.toString('latin1', 0, length),
      isForm: false,
      isString: false,
      isText: true,
      outer: mapped(places.subarray(0, length + 1), (put) => put.replaceAll('"', '&quot;')),
      rewrite: undefined,
    });
  }
  if (taken.length > 0 && layers.length > taken.length)
    layers.sort((left, right) => left.from - right.from);
}

const isTextEnd = (code: number, isForward = false): boolean =>
  code === 0x3c || code === 0x0a || (code === 0x3e && !isForward);
