/** Secrets that are known by their shape, wherever they stand. */
interface Shape {
  readonly prefix: string;
  readonly body: RegExp;
  /** Whether what stands before must be no letter or digit. */
  readonly isApart?: boolean;
}

const shape = (prefix: string, body: RegExp, isApart = false): Shape => ({ prefix, body, isApart });

/**
 * Each body is a repetition of one class, or two with a separator that is not in the first: nothing to try twice.
 * `y` (sticky): it begins where the prefix ends.
 */
const shapes: readonly Shape[] = [
  shape('AKIA', /[A-Z0-9]{16}(?![A-Z0-9])/y),
  shape('ASIA', /[A-Z0-9]{16}(?![A-Z0-9])/y),
  shape('ABIA', /[A-Z0-9]{16}(?![A-Z0-9])/y),
  shape('ACCA', /[A-Z0-9]{16}(?![A-Z0-9])/y),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => shape(prefix, /[A-Za-z0-9]{20,}/y)),
  shape('pat_', /[A-Za-z0-9_]{20,}/y),
  shape('pat-', /[A-Za-z0-9_.-]{16,}/y),
  shape('glrt-', /[A-Za-z0-9_.-]{16,}/y),
  shape('gldt-', /[A-Za-z0-9_.-]{16,}/y),
  shape('xox', /[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}/y),
  shape('xapp-', /[A-Za-z0-9-]{10,}/y),
  shape('sk-', /(?=[a-z-]{0,60}[A-Z0-9_])[A-Za-z0-9_-]{16,}/y, true),
  ...['sk_live_', 'rk_live_', 'pk_live_', 'sk_test_', 'rk_test_', 'pk_test_'].map((prefix) =>
    shape(prefix, /[A-Za-z0-9]{8,}/y),
  ),
  shape('AIza', /[A-Za-z0-9_-]{30,}/y),
  shape('SG.', /[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/y, true),
  shape('npm_', /[A-Za-z0-9]{30,}/y),
  shape('pypi-', /[A-Za-z0-9_-]{40,}/y),
  shape('ya29.', /[A-Za-z0-9_.-]{16,}/y),
  shape('hf_', /[A-Za-z0-9]{30,}/y, true),
  ...['dop_v1_', 'doo_v1_', 'dor_v1_'].map((prefix) => shape(prefix, /[a-f0-9]{40,}/y)),
  ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map((prefix) => shape(prefix, /[A-Fa-f0-9]{30,}/y)),
  shape('hvs.', /[A-Za-z0-9_-]{20,}/y, true),
  shape('hvb.', /[A-Za-z0-9_-]{20,}/y, true),
  shape('sq0atp-', /[A-Za-z0-9_-]{20,}/y),
  shape('sq0csp-', /[A-Za-z0-9_-]{20,}/y),
  shape('whsec_', /[A-Za-z0-9+/=_-]{16,}/y),
  shape('ATATT3', /[A-Za-z0-9_=-]{20,}/y),
  shape('lin_api_', /[A-Za-z0-9]{30,}/y),
  shape('key-', /[a-f0-9]{32}(?![a-f0-9])/y),
  shape('KEY-1', /[A-Z0-9]{50,}/y),
  shape('hooks.slack.com/services/', /[A-Za-z0-9/]{20,}/y),
  shape('hooks/', /\d{16,20}\/[A-Za-z0-9_-]{40,}/y),
  shape('GOCSPX-', /[A-Za-z0-9_-]{20,}/y),
  shape('1//0', /[A-Za-z0-9_-]{30,}/y, true),
  shape('dapi', /[a-f0-9]{32}(?![a-f0-9])/y, true),
  shape('dckr_pat_', /[A-Za-z0-9_-]{20,}/y),
  shape('PMAK-', /[a-f0-9-]{40,}/y),
  shape('NRAK-', /[A-Z0-9]{27}(?![A-Z0-9])/y),
  shape('glsa_', /[A-Za-z0-9_]{30,}/y),
  shape('figd_', /[A-Za-z0-9_-]{30,}/y),
  shape('gsk_', /[A-Za-z0-9]{40,}/y, true),
  shape('rubygems_', /[a-f0-9]{40,}/y),
];

const byFirst = new Map<number, Shape[]>();
for (const each of shapes) {
  const first = each.prefix.charCodeAt(0);
  const list = byFirst.get(first);
  if (list === undefined) byFirst.set(first, [each]);
  else list.push(each);
}

/** What must go with a shape, because its prefix ends one that is longer. */
const longer: ReadonlyMap<string, string> = new Map([
  ['pat_', 'github_'],
  ['pat-', 'gl'],
  ['KEY-1', 'AGE-SECRET-'],
]);

const jwt = /eyJ[A-Za-z0-9_-]{6,}(?:={0,2}\.[A-Za-z0-9_-]*){1,4}/y;
const jwtHead = /eyJ[A-Za-z0-9_-]{6,}/y;
const bearer = /bearer[ \t+]{1,4}([A-Za-z0-9._~+/-]{6,}=*)/iy;
const basic = /basic[ \t+]{1,4}([A-Za-z0-9+/_-]{4,}={0,2})/iy;
const botToken = /:AA[A-Za-z0-9_-]{32,33}(?![A-Za-z0-9_-])/y;
const pemBegin = /-----BEGIN[ +][A-Z0-9 +]{0,32}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----/y;
const pemEnd = '-----END';

/** What was found to be absent, so that no text is searched for it again and again. */
export interface Barren {
  /** Up to where no JWT begins. */
  jwt: number;
  hasNoPemEnd: boolean;
}

/** Most that is looked at behind a prefix whose rest may have been cut off. */
const tailSize = 256;

type Bounds = readonly [from: number, to: number];

/** Where a secret of a known shape stands that has its prefix at `at`; undefined where none does. */
export function tokenAt(
  text: string,
  at: number,
  isCut: boolean,
  barren: Barren,
): Bounds | undefined {
  switch (text.charCodeAt(at)) {
    case 0x65: // e
      return at < barren.jwt ? undefined : jwtAt(text, at, isCut, barren);
    case 0x2d: // -
      return pemAt(text, at, barren);
    case 0x3a: // :
      return botAt(text, at);
    case 0x42: // B
    case 0x62: // b
      return schemeAt(text, at);
  }
  for (const { prefix, body, isApart } of byFirst.get(text.charCodeAt(at)) ?? []) {
    if (!text.startsWith(prefix, at)) continue;
    if (isApart === true && isWordCode(text.charCodeAt(at - 1))) continue;
    const lead = longer.get(prefix) ?? '';
    if (lead !== '' && !text.startsWith(lead, at - lead.length)) continue;
    const begin = at + prefix.length;
    const end = matchEnd(body, text, begin);
    if (end > 0) return [at - lead.length, end];
    // The rest of it has been cut off.
    if (isCut && text.length - begin < tailSize && runEnd(text, begin) === text.length)
      return [at - lead.length, text.length];
  }
  return undefined;
}

function jwtAt(text: string, at: number, isCut: boolean, barren: Barren): Bounds | undefined {
  if (!text.startsWith('eyJ', at)) return undefined;
  const end = matchEnd(jwt, text, at);
  if (end > 0) return [at, end];
  const headEnd = matchEnd(jwtHead, text, at);
  if (isCut && headEnd === text.length) return [at, headEnd];
  barren.jwt = headEnd;
  return undefined;
}

function pemAt(text: string, at: number, barren: Barren): Bounds | undefined {
  const begin = matchEnd(pemBegin, text, at);
  if (begin === 0) return undefined;
  const end = barren.hasNoPemEnd ? -1 : text.indexOf(pemEnd, begin);
  if (end < 0) {
    barren.hasNoPemEnd = true;
    const quote = text.indexOf('"', begin);
    return [at, quote < 0 ? text.length : quote];
  }
  const dashes = text.indexOf('-----', end + pemEnd.length);
  return [at, dashes < 0 || dashes > end + 60 ? end + pemEnd.length : dashes + 5];
}

function botAt(text: string, at: number): Bounds | undefined {
  const end = matchEnd(botToken, text, at);
  if (end === 0) return undefined;
  let from = at;
  while (from > at - 12 && isDigit(text.charCodeAt(from - 1))) from--;
  return at - from >= 6 ? [from, end] : undefined;
}

function schemeAt(text: string, at: number): Bounds | undefined {
  bearer.lastIndex = at;
  const [, token] = bearer.exec(text) ?? [];
  if (token !== undefined) {
    const end = bearer.lastIndex;
    // `Bearer realm="x"` asks for one.
    const isParameter = text[end] === '"' && /^[A-Za-z_-]+=$/.test(token);
    return looksRandom(token) && !isParameter ? [end - token.length, end] : undefined;
  }
  basic.lastIndex = at;
  const [, login] = basic.exec(text) ?? [];
  if (login === undefined) return undefined;
  const end = basic.lastIndex;
  return /^[\x20-\x7e\x80-\xff]*:[\x20-\x7e\x80-\xff]*$/.test(
    Buffer.from(login, 'base64').toString('latin1'),
  )
    ? [end - login.length, end]
    : undefined;
}

/** No word of a sentence: with a digit or a joint, or long. */
export const looksRandom = (value: string): boolean =>
  value.length >= 16 || /[0-9_~+/=]|[a-z][A-Z]|\.[A-Za-z0-9]|-[A-Za-z0-9]+-/.test(value);

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : 0;
}

function runEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isTokenCode(text.charCodeAt(at))) at++;
  return at;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isWordCode = (code: number): boolean =>
  isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
const isTokenCode = (code: number): boolean =>
  isWordCode(code) || code === 0x5f || code === 0x2d || code === 0x2e;
