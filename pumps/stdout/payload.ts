const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const tab = 0x09;
const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;

/**
 * A decoded HTTP message as one line, as the reference writes it: the head without its line ends, a space, the body
 * as compact JSON. Where the body is no JSON, the whole text without its line ends. Other text, such as base64, stays.
 */
export function payloadOnOneLine(payload: Uint8Array): Uint8Array {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const gap = bytes.indexOf('\r\n\r\n');
  const body = gap < 0 ? undefined : compactJson(bytes.subarray(gap + 4));
  if (body === undefined) return cleaned(bytes);
  return Buffer.concat([cleaned(bytes.subarray(0, gap)), Buffer.of(space), body]);
}

/** Line feeds become spaces; carriage returns and tabs go. The same bytes where there are none, as in base64. */
function cleaned(bytes: Buffer): Uint8Array {
  if (!bytes.includes(lineFeed) && !bytes.includes(carriageReturn) && !bytes.includes(tab))
    return bytes;
  return bytes
    .filter((byte) => byte !== carriageReturn && byte !== tab)
    .map((byte) => (byte === lineFeed ? space : byte));
}

/** Without the white space between tokens; undefined where it is no JSON. */
function compactJson(bytes: Buffer): Uint8Array | undefined {
  if (!isJson(bytes)) return undefined;
  let isText = false;
  let isEscaped = false;
  return bytes.filter((byte) => {
    if (isText) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) isText = false;
      return true;
    }
    if (byte === quote) isText = true;
    return byte !== space && byte !== lineFeed && byte !== carriageReturn && byte !== tab;
  });
}

// One character for each byte: invalid UTF-8 inside a text is no reason to refuse it, as in Go.
function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('latin1'));
    return true;
  } catch {
    return false;
  }
}
