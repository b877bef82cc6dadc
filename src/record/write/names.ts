import { isValidUtf8 } from '../utf8.ts';
import { type Kind, kinds } from './kinds.ts';
import * as msgpack from './msgpack.ts';
import { gaveUp, putAscii } from './number.ts';
import type { Row } from './row.ts';
import { copyText, hasBackslash } from './text.ts';

const [quote, colon] = [0x22, 0x3a];

/**
 * Writes a map of MessagePack with one name at most, as gateways give the place of a call. Gives up for more, which are
 * sorted, and for a name that is no UTF-8, which becomes something else in a map than it is in a text.
 */
export function putNames(kind: Kind, row: Row, place: number, data: DataView, to: number): number {
  const { region, view } = row;
  const code = view.getUint8(place);
  if (code !== 0x80 && code !== 0x81) return gaveUp;
  const isJson = kind === kinds.jsonNames || kind === kinds.copyNames;
  const isCsv = kind === kinds.csvNames;
  const item = isJson ? kinds.jsonText : isCsv ? kinds.csvItem : kinds.plainText;
  let next = isCsv ? to : putAscii(isJson ? '{' : 'map[', data, to);
  // The key and the name.
  for (let at = place + 1, rest = code === 0x81 ? 2 : 0; rest > 0; rest--) {
    const start = msgpack.textStart(view, at);
    const size = msgpack.textSize(view, at);
    if (!isValidUtf8(region, start, start + size)) return gaveUp;
    if (isJson) data.setUint8(next++, quote);
    if (size > 0) next = copyText(item, row, start, size, data, next);
    if (next < 0) return gaveUp;
    if (isJson) data.setUint8(next++, quote);
    if (rest === 2) data.setUint8(next++, colon);
    at = start + size;
  }
  if (kind === kinds.copyNames && hasBackslash(data, to, next)) return gaveUp;
  return isCsv ? next : putAscii(isJson ? '}' : ']', data, next);
}
