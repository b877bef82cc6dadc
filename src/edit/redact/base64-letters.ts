/** Shorter runs of base64's letters are not told from words. */
export const leastRun = 20;

/** Kinds of base64's letters, as bits. */
const upper = 1;
const lower = 2;
export const digit = 4;
export const standardSign = 8;
export const urlSign = 16;
/** A text in base64 has both: what has not is a name, a path or a number in hexadecimal. */
export const mixed = upper | lower;
/** By byte; 0: no letter of base64. */
export const classes = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const sign = String.fromCharCode(code);
  if (/[A-Z]/.test(sign)) classes[code] = upper;
  else if (/[a-z]/.test(sign)) classes[code] = lower;
  else if (/[0-9]/.test(sign)) classes[code] = digit;
  else if (sign === '+' || sign === '/') classes[code] = standardSign;
  else if (sign === '-' || sign === '_') classes[code] = urlSign;
}

export const isBreak = (byte: number): boolean => classes[byte] === 0;
