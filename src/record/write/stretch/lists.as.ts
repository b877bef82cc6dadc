/** Lists and maps of texts. */
import { exception } from './tables.as';
import { isUtf8, putItem, putJson, textSize, textStart } from './texts.as';

/** Where the first text of a list is; 0: it is too long. */
export function listStart(place: u32): u32 {
  const code = <u32>load<u8>(place);
  return (code & 0xf0) == 0x90 ? place + 1 : code == 0xdc ? place + 3 : 0;
}

export function listCount(place: u32): u32 {
  const code = <u32>load<u8>(place);
  return (code & 0xf0) == 0x90 ? code & 0x0f : bswap<u16>(load<u16>(place, 1));
}

export function putJsonList(place: u32, start: u32): u32 {
  let at = listStart(place);
  if (at == 0) return exception;
  store<u8>(start, 0x5b);
  let to = start + 1;
  for (let rest = listCount(place); rest > 0; rest--) {
    const size = textSize(at);
    at = textStart(at);
    store<u8>(to, 0x22);
    to = putJson(at, size, to + 1);
    store<u16>(to, 0x2c22);
    to += rest > 1 ? 2 : 1;
    at += size;
  }
  store<u8>(to, 0x5d);
  return to + 1;
}

export function putCsvList(place: u32, start: u32, isGuarded: bool): u32 {
  let at = listStart(place);
  if (at == 0) return exception;
  let to = start;
  for (let rest = listCount(place); rest > 0; rest--) {
    const size = textSize(at);
    at = textStart(at);
    to = putItem(at, size, to, isGuarded);
    if (to == exception) return exception;
    if (rest > 1) {
      store<u8>(to, 0x3b);
      to++;
    }
    at += size;
  }
  return to;
}

/** A map of one name at most; an exception for one that is no UTF-8, which is another text in a map. */
export function putNames(place: u32, start: u32, isJson: bool): u32 {
  const code = <u32>load<u8>(place);
  if (code != 0x80 && code != 0x81) return exception;
  let to = start;
  if (isJson) {
    store<u8>(to, 0x7b);
    to++;
  }
  if (code == 0x81) {
    const keySize = textSize(place + 1);
    const key = textStart(place + 1);
    const nameSize = textSize(key + keySize);
    const name = textStart(key + keySize);
    if (!isUtf8(key, keySize) || !isUtf8(name, nameSize)) return exception;
    if (isJson) {
      store<u8>(to, 0x22);
      to = putJson(key, keySize, to + 1);
      store<u32>(to, 0x22_3a22);
      to = putJson(name, nameSize, to + 3);
      store<u8>(to, 0x22);
      to++;
    } else {
      to = putItem(key, keySize, to, false);
      if (to == exception) return exception;
      store<u8>(to, 0x3a);
      to = putItem(name, nameSize, to + 1, false);
      if (to == exception) return exception;
    }
  }
  if (!isJson) return to;
  store<u8>(to, 0x7d);
  return to + 1;
}
