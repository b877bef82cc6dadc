import * as zlib from 'node:zlib';

/*
 * What somebody finds who looks into bytes as deep as can be: base64, compression, percent-encoding, escapes, chunks, wide
 * letters, one within the other. Written without anything of what it judges.
 */

const mostDepth = 6;
const mostTexts = 3_000;

/** All texts in it, one character for each byte. */
export function deepTexts(bytes: Uint8Array): readonly string[] {
  const seen = new Set<string>();
  let level = [Buffer.from(bytes).toString('latin1')];
  for (let depth = 0; depth <= mostDepth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const text of level) {
      if (text.length < 4 || seen.has(text) || seen.size > mostTexts) continue;
      seen.add(text);
      next.push(...within(text));
    }
    level = next;
  }
  return [...seen];
}

/** Those of the secrets that stand in it. */
export function leaksIn(bytes: Uint8Array, secrets: readonly string[]): readonly string[] {
  const texts = deepTexts(bytes);
  return secrets.filter((secret) => texts.some((text) => text.includes(secret)));
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

function within(text: string): readonly string[] {
  const out: string[] = [];
  if (/%[0-9A-Fa-f]{2}/.test(text))
    out.push(
      text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 16)),
      ),
    );
  if (text.includes('\\'))
    out.push(
      text
        .replaceAll(/\\u00([0-9A-Fa-f]{2})/g, (_, digits: string) =>
          String.fromCharCode(Number.parseInt(digits, 16)),
        )
        .replaceAll(/\\(["\\/])/g, '$1'),
    );
  if (text.includes('+')) out.push(text.replaceAll('+', ' '));
  if (text.includes('\0')) out.push(text.replaceAll('\0', ''));
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g)) {
    out.push(Buffer.from(run, 'base64').toString('latin1'));
    for (const part of run.split(/[/_+-]/))
      if (part.length >= 12) out.push(Buffer.from(part, 'base64').toString('latin1'));
  }
  for (const line of [/\r\n/g, /\n/g]) {
    const joined = text.replaceAll(line, '');
    if (joined !== text && /^[A-Za-z0-9+/=]{24,}$/.test(joined))
      out.push(Buffer.from(joined, 'base64').toString('latin1'));
  }
  const end = text.indexOf('\r\n\r\n');
  if (end >= 0) {
    const body = text.slice(end + 4);
    out.push(body, dechunked(body));
  }
  out.push(...uncompressed(text));
  return out;
}

/** The content of chunks, as far as they go. */
function dechunked(body: string): string {
  let out = '';
  for (let at = 0; ; ) {
    const [line, size = ''] = /^([0-9A-Fa-f]{1,6})[^\r\n]*\r\n/.exec(body.slice(at, at + 80)) ?? [];
    const length = Number.parseInt(size, 16);
    if (line === undefined || !(length > 0)) return out;
    out += body.slice(at + line.length, at + line.length + length);
    at += line.length + length + 2;
  }
}

function uncompressed(text: string): readonly string[] {
  const bytes = latin1(text);
  // What is not text may be compressed.
  if (!/[^\t\r\n -~]/.test(text.slice(0, 64))) return [];
  const out: string[] = [];
  for (const decode of [
    zlib.gunzipSync,
    zlib.inflateSync,
    zlib.inflateRawSync,
    zlib.brotliDecompressSync,
  ]) {
    try {
      out.push(decode(bytes, { maxOutputLength: 1 << 22 }).toString('latin1'));
    } catch {
      // It was not compressed so.
    }
  }
  return out;
}
