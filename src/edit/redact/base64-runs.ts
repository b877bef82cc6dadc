import { isUtf8 } from 'node:buffer';
import {
  classes,
  isHexText,
  isWorthReading,
  leastLine,
  leastRun,
  mixed,
  sampleSize,
  standardSign,
  urlSign,
} from './base64-letters.ts';
import { isTaken, type Layer, mapped } from './layer.ts';
import { span } from './spans.ts';

/** Base64 and hexadecimal, by runs of their letters; none begins before `runFrom`. */
export function base64(text: string, bytes: Uint8Array, runFrom: number, layers: Layer[]): void {
  const taken = layers.slice();
  const size = bytes.length;
  let free = runFrom;
  // A run covers all of the places before `at` down to `free`, or one of them tells where it can begin at the earliest.
  for (let at = free + leastRun - 1; at < size; at = free + leastRun - 1) {
    let from = at;
    while (from >= free && classes[bytes[from] as number] !== 0) from--;
    if (from >= free) {
      free = from + 1;
      continue;
    }
    from = free;
    let kinds = 0;
    let to = from;
    for (; to < size; to++) {
      const kind = classes[bytes[to] as number] as number;
      if (kind === 0) break;
      kinds |= kind;
    }
    const width = to - from;
    const isHopeful = isWorthReading(bytes, from, to, kinds);
    if (width >= leastLine && width % 4 === 0) to = linesEnd(bytes, to, width);
    if (isHopeful && !isTaken(taken, from, to)) {
      if (to > from + width) layers.push(base64Layer(text, from, to, kinds, false, width));
      else if ((kinds & mixed) === mixed) addRun(text, from, to, kinds, layers);
      else if (isHexText(bytes, from, to, kinds)) addHex(text, from, to, layers);
    }
    free = to + 1;
  }
  if (taken.length > 0 && layers.length > taken.length)
    layers.sort((left, right) => left.from - right.from);
}

function linesEnd(bytes: Uint8Array, first: number, width: number): number {
  for (let end = first; ; ) {
    const from = end + (bytes[end] === 0x0d ? 2 : 1);
    if (bytes[from - 1] !== 0x0a) return end;
    let to = from;
    while (to < bytes.length && classes[bytes[to] as number] !== 0) to++;
    if (to === from || to - from > width) return end;
    if (to - from < width) return to;
    end = to;
  }
}

/** Digits in hexadecimal that begin as a text does. */
function addHex(text: string, from: number, to: number, layers: Layer[]): void {
  const source = text.slice(from, to);
  if ((to - from) % 2 !== 0 || /[^0-9A-Fa-f]/.test(source)) return;
  const bytes = Buffer.from(source, 'hex');
  const places = Uint32Array.from({ length: bytes.length + 1 }, (_, index) => from + 2 * index);
  layers.push({
    from,
    to,
    text: bytes.toString('latin1'),
    isForm: false,
    isString: false,
    isText: true,
    outer: mapped(places, (put) => Buffer.from(put, 'latin1').toString('hex')),
    rewrite: undefined,
  });
}

/** A run may hold more than base64: a path in front of it, or a prefix. So it is read from where it makes sense. */
function addRun(text: string, from: number, to: number, kinds: number, layers: Layer[]): void {
  for (let skip = 0; skip < 4 && to - from - skip >= leastRun; skip++) {
    if (!looksLikeText(text, from + skip, to)) continue;
    layers.push(base64Layer(text, from + skip, to, kinds, true));
    return;
  }
  if ((kinds & (standardSign | urlSign)) !== 0 && addParts(text, from, to, kinds, layers)) return;
  layers.push(base64Layer(text, from, to, kinds, false));
}

/** Base64 behind signs that are part of its alphabet: `/callback/…/end`. */
function addParts(text: string, from: number, to: number, kinds: number, layers: Layer[]): boolean {
  const ends: number[] = [];
  for (let at = from; at < to; at++)
    if (((classes[text.charCodeAt(at)] as number) & (standardSign | urlSign)) !== 0) ends.push(at);
  ends.push(to);
  let hasPart = false;
  let start = from;
  for (let part = 0; part < ends.length; part++) {
    let end = ends[part] as number;
    if (end - start >= leastRun && looksLikeText(text, start, end)) {
      // The signs behind it belong to it as long as it goes on making sense.
      const last = Math.min(ends.length - 1, part + mostSigns);
      for (let next = last; next > part; next--) {
        if (!endsLikeText(text, start, ends[next] as number)) continue;
        end = ends[next] as number;
        part = next;
        break;
      }
      layers.push(base64Layer(text, start, end, kinds, true));
      hasPart = true;
    }
    start = end + 1;
  }
  return hasPart;
}

const mostSigns = 12;
const mostTail = 8_192;

function endsLikeText(text: string, from: number, to: number): boolean {
  const begin = Math.max(from, to - mostTail - ((to - from) % 4));
  const whole = Buffer.from(text.slice(begin + ((begin - from) % 4), to), 'base64');
  return isPrintable(whole.subarray(Math.max(0, whole.length - 10), whole.length - 1));
}

function looksLikeText(text: string, from: number, to: number): boolean {
  const sample = Buffer.from(text.slice(from, Math.min(to, from + sampleSize)), 'base64');
  return isPrintable(sample) || isCompressed(sample) || isWide(sample) || isOtherText(sample);
}

/** By the marks of gzip, zstd and zlib. */
function isCompressed(sample: Uint8Array): boolean {
  const two = ((sample[0] as number) << 8) | (sample[1] as number);
  return two === 0x1f8b || two === 0x28b5 || ((two & 0xff00) === 0x7800 && two % 31 === 0);
}

/** Letters of two or four bytes: three of four bytes, or every other one, is 0. */
function isWide(sample: Uint8Array): boolean {
  let zeros = 0;
  for (let at = 2; at < sample.length; at++) if (sample[at] === 0) zeros++;
  return zeros >= (sample.length - 2) / 2 - 1 && zeros <= (3 * (sample.length - 2)) / 4 + 1;
}

/** Letters of UTF-8 beyond ASCII, of which the last one may be cut off. */
function isOtherText(sample: Uint8Array): boolean {
  for (const byte of sample)
    if (byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  return [0, 1, 2, 3].some((less) => isUtf8(sample.subarray(0, sample.length - less)));
}

/** All of it but one byte. */
function isPrintable(sample: Uint8Array): boolean {
  let printable = 0;
  for (const byte of sample)
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09)
      printable++;
  return printable >= sample.length - 1;
}

function base64Layer(
  text: string,
  from: number,
  to: number,
  kinds: number,
  isText: boolean,
  width = 0,
): Layer {
  const source = text.slice(from, to);
  const padding = text[to] === '=' ? (text[to + 1] === '=' ? 2 : 1) : 0;
  const isUrl =
    (kinds & urlSign) !== 0 ||
    ((kinds & standardSign) === 0 && padding === 0 && source.length % 4 !== 0);
  const isPadded = isUrl || padding > 0 || source.length % 4 === 0 || width > 0;
  return {
    from,
    to: to + padding,
    text: Buffer.from(source, 'base64').toString('latin1'),
    isForm: false,
    isString: false,
    isText: isText || (width > 0 && looksLikeText(text, from, to)),
    outer: undefined,
    rewrite: (changed) => {
      const bytes = Buffer.from(changed, 'latin1');
      const encoded = bytes.toString(isUrl ? 'base64url' : 'base64');
      const put = isPadded ? encoded : encoded.replace(/=+$/, '');
      const lines = width > 0 ? inLines(put, width, source.includes('\r') ? '\r\n' : '\n') : put;
      return { ...span(from, to + padding, lines), isWhole: false };
    },
  };
}

export function inLines(text: string, width: number, lineEnd: string): string {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
  return lines.join(lineEnd);
}
