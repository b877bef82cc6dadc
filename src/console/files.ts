import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a page of ours may do. Charts and positions are set by script through the object model of styles, which this permits. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const security = {
  'content-security-policy': policy,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** How a file may travel, best first. */
const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

interface StoredFile {
  readonly etag: string;
  readonly type: string;
  /** By encoding; '' is the file as it is. */
  readonly bytes: ReadonlyMap<string, Buffer>;
}

/** By folder and name. What was read once stays: it is less than what one batch of records takes. */
const stored = new Map<string, Promise<StoredFile | undefined>>();

/** False: there is no such file. Its name is one of those that the build wrote, so it leads nowhere else. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, name }: { readonly folder: URL; readonly name: string },
): Promise<boolean> {
  const file = await fileNamed(folder, name);
  if (file === undefined) return false;
  const { etag, type, bytes } = file;
  const headers = {
    ...security,
    etag,
    vary: 'accept-encoding',
    // A name has the hash of what is in it; only the page itself is asked for anew.
    'cache-control': name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable',
  };
  if (isKnown(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers);
    response.end();
    return true;
  }
  const encoding = chosenEncoding(request.headers['accept-encoding'] ?? '', bytes);
  const body = bytes.get(encoding) ?? Buffer.alloc(0);
  response.writeHead(200, {
    ...headers,
    'content-type': type,
    'content-length': body.length,
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
  });
  response.end(body);
  return true;
}

async function fileNamed(folder: URL, name: string): Promise<StoredFile | undefined> {
  const names = await namesIn(folder);
  if (!names.has(name)) return undefined;
  const key = new URL(name, folder).href;
  const found = stored.get(key) ?? readStored(new URL(key), name);
  stored.set(key, found);
  // What could not be read may be readable later.
  found.catch(() => stored.delete(key));
  return found;
}

const lists = new Map<string, Promise<ReadonlySet<string>>>();

/** The build says which files there are. */
function namesIn(folder: URL): Promise<ReadonlySet<string>> {
  const known = lists.get(folder.href);
  if (known !== undefined) return known;
  const names = readFile(new URL('files.json', folder), 'utf8').then(
    (text) => new Set(JSON.parse(text) as readonly string[]),
    () => {
      throw new Error('this Sluice was built without it (npm run build)');
    },
  );
  lists.set(folder.href, names);
  names.catch(() => lists.delete(folder.href));
  return names;
}

async function readStored(url: URL, name: string): Promise<StoredFile> {
  const plain = await readFile(url);
  const bytes = new Map([['', plain]]);
  for (const { name: encoding, suffix } of encodings) {
    const packed = await readFile(new URL(`${url.href}${suffix}`)).catch(() => undefined);
    if (packed !== undefined && packed.length < plain.length) bytes.set(encoding, packed);
  }
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { etag, type: types[name.replace(/^.*\./, '')] ?? 'application/octet-stream', bytes };
}

/** As RFC 9110 has it: several, weak ones, or any. */
const isKnown = (said: string | undefined, etag: string): boolean =>
  said !== undefined &&
  said.split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));

function chosenEncoding(accepted: string, bytes: ReadonlyMap<string, Buffer>): string {
  const wanted = new Set(
    accepted
      .toLowerCase()
      .split(',')
      .filter((each) => !/;\s*q=0(?:\.0*)?\s*$/.test(each))
      .map((each) => each.replace(/;.*$/, '').trim()),
  );
  return encodings.find(({ name }) => wanted.has(name) && bytes.has(name))?.name ?? '';
}
