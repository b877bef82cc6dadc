/** Logins in URLs (`scheme://user:password@host`) as the bounds of what stands before the `@`. */
const longest = 512;

export function loginsIn(
  text: string,
  isText: boolean,
  found: (from: number, to: number) => void,
): void {
  let least = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(at + 1, least))) {
    const bound = Math.max(least, at - longest);
    let from = at;
    while (from > bound && !isOutside(text.charCodeAt(from - 1))) from--;
    if (isText && text[from - 1] === '/' && text[from - 2] !== '/')
      from = slashedBegin(text, from, bound);
    const isLogin = from < at && text[from - 1] === '/' && text[from - 2] === '/';
    // In what is no text two slashes are there by chance.
    if (!isLogin || (!isText && !/[a-z]:$/.test(text.slice(Math.max(0, from - 4), from - 2)))) {
      least = at + 1;
      continue;
    }
    // A password may hold an `@`: the last one before the host's end counts.
    let last = at;
    for (let place = at + 1; place < at + longest && place < text.length; place++) {
      const code = text.charCodeAt(place);
      if (code === 0x40) last = place;
      else if (isOutside(code)) break;
    }
    found(from, last);
    least = last + 1;
  }
}

/** A password may hold a slash too, as no URL may: told from a path by what follows the colon, which is no port. */
function slashedBegin(text: string, end: number, bound: number): number {
  let from = end;
  while (from > bound && !isBlankOrQuote(text.charCodeAt(from - 1))) {
    from--;
    if (text[from] !== '/' || text[from - 1] !== '/' || text[from - 2] !== ':') continue;
    const login = /[^:/?#[]{0,64}:(?!\d{1,5}\/)[^:/?#]/y;
    login.lastIndex = from + 1;
    return login.test(text) ? from + 1 : end;
  }
  return end;
}

const isBlankOrQuote = (code: number): boolean =>
  code <= 0x20 || code === 0x22 || code === 0x3c || code === 0x3e || code === 0x3f || code === 0x23;

function isOutside(code: number): boolean {
  return (
    code <= 0x20 ||
    code === 0x2f ||
    code === 0x22 ||
    code === 0x3c ||
    code === 0x3e ||
    code === 0x3f ||
    code === 0x23 ||
    code === 0x5c
  );
}
