/**
 * Which names stand before a secret: of headers, parameters, cookies, members and fields, however their words are
 * joined (`X-Api-Key`, `apiKey`, `API_KEY`). It goes by the words of a name, so that `author`, `passage` and
 * `tokens_used` are none.
 */
export type NameKind =
  | 'none'
  /** Any value. */
  | 'secret'
  /** Any value, and one word after it in running text ("password: hunter2"). */
  | 'password'
  /** Texts alone: its numbers are counts. */
  | 'plural'
  /** Only as a parameter of a query. */
  | 'query'
  /** That, and only a long value: what OAuth and CAS give back. */
  | 'code'
  /** The check digits of a card. */
  | 'card';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Names without their joints. */
const exact = words(`
  apikey token tokens accesstoken idtoken refreshtoken secret clientsecret session sessionid sid auth authorization
  authentication authorisation credential credentials privatekey signature sig csrf xsrf jwt bearer otp totp pin cookie
  cookies setcookie setcookie2 connectsid assertion clientassertion samlresponse samlrequest samlassertion authcode
  authorizationcode codeverifier devicecode accesskey accesskeyid awsaccesskeyid jsessionid phpsessid
  sessid mfacode otpcode totpcode recoverycode recoverycodes backupcode backupcodes securityanswer oauth
  pincode securitycode verificationcode accesscode smscode mnemonic seedphrase recoveryphrase connectionstring connstring
  oauthverifier appkey privkey`);

const passwords = words(
  'password passwords passwd pwd passphrase passcode passwort motdepasse passkey pw',
);

/** What they end with, their words run together. */
const endings =
  /(?:password|passwd|passphrase|secret|token|apikey|privatekey|secretkey|accesskey|authkey|signingkey|signature|credentials?|sessionid|sessid|csrf|xsrf|jwt)$/;

/** Tokens that say where a listing goes on. */
const harmless = /(?:page|next|continuation|pagination|cursor|sync|change|previous|prev)token$/;

/** Words after which `key` is a secret. */
const keyWords = words(`
  api access secret private signing encryption auth master session shared account license licence service subscription
  client app application ssh consumer hmac webhook function functions storage security crypto deploy admin root write jwt
  cipher decryption integration server`);

/** Last words of what is said about a secret. */
const about = words(`
  at on url uri link policy expires expiry expired expiration expire length len count type name names required enabled
  reset changed age min max version strength field label used limit ttl date time status state algorithm alg method
  endpoint issuer audience scope scopes valid invalid missing updated created present rotated size index source
  usage budget class format kind allowed supported lifetime uris urls visible`);

/** Whether any value behind it is one, or any text. */
export const isSecret = (kind: NameKind): boolean =>
  kind === 'secret' || kind === 'password' || kind === 'plural';

const known = new Map<string, NameKind>();
const mostKnown = 4096;

export function nameKind(name: string): NameKind {
  const kind = known.get(name);
  if (kind !== undefined) return kind;
  // Names come from records, so that there may be any number of them.
  if (known.size >= mostKnown) known.clear();
  const found = classify(name);
  known.set(name, found);
  return found;
}

function classify(name: string): NameKind {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  while (parts.length > 1 && /^(?:\d+|v\d+|sha\d*|hex)$/.test(parts.at(-1) ?? '')) parts.pop();
  const last = (parts.at(-1) ?? '').replace(/(?<=[a-z]{3})\d+$/, '');
  const before = parts.at(-2) ?? '';
  const flat = parts.slice(0, -1).join('') + last;
  const bare = flat.replace(/^x(?=[a-z]{3})/, '');
  if (last === 'cvv' || last === 'cvc' || flat === 'cardverificationvalue') return 'card';
  if (flat === 'key' || flat === 'hmac') return 'query';
  if (flat === 'code' || flat === 'ticket') return 'code';
  if (about.has(last) && parts.length > 1) return 'none';
  if (passwords.has(last) || passwords.has(bare)) return 'password';
  if (parts.some((word) => passwords.has(word))) return 'password';
  if (last === 'pass') return 'secret';
  if (/^password|passw(?:or)?d$/.test(bare)) return 'password';
  if (harmless.test(flat)) return 'none';
  if (last === 'tokens' || last === 'secrets' || (last === 'keys' && keyWords.has(before)))
    return 'plural';
  if (exact.has(bare) || exact.has(last) || exact.has(flat)) return lastAlone(parts, last);
  if (endings.test(flat)) return 'secret';
  if (last === 'key' && (keyWords.has(before) || /(?:api|access|secret|private)$/.test(before)))
    return 'secret';
  if (last === 'id' && (before === 'session' || flat.endsWith('accesskeyid'))) return 'secret';
  if (before === 'token' || before === 'secret')
    return /^(?:value|string|data|hash|key|id|code|plain|raw)$/.test(last) ? 'secret' : 'none';
  return parts.includes('csrf') || parts.includes('xsrf') ? 'secret' : 'none';
}

/** Words that are secrets on their own, and say less at the end of a longer name. */
const weakEndings = words('pin session cookies oauth sid');

function lastAlone(parts: readonly string[], last: string): NameKind {
  if (last === 'tokens') return 'plural';
  const isAlone = parts.length === 1 || (parts.length === 2 && parts[0] === 'x');
  return isAlone || !weakEndings.has(last) || parts.join('') === 'connectsid' ? 'secret' : 'plural';
}
