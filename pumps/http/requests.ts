import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Batch, Entry, HttpRequest } from '#pump';
import { textOf } from './json-text.ts';
import { methods } from './option-rules.ts';
import type { Settings } from './settings.ts';

/** Where a record goes. */
export interface Target {
  readonly method: HttpRequest['method'];
  /** Empty: the address as it is. */
  readonly path: string;
}

/** The records of a batch by where they go, and those that can go nowhere. */
export interface Routed {
  readonly groups: readonly { readonly target: Target; readonly entries: readonly Entry[] }[];
  readonly unfit: ReadonlySet<Entry>;
}

export type Router = (batch: Batch) => Routed;

const none: ReadonlySet<Entry> = new Set();

export function createRouter({ method, target }: Pick<Settings, 'method' | 'target'>): Router {
  const pieces = method.map((piece) => (typeof piece === 'string' ? () => piece : textOf(piece)));
  const isFixed = method.every((piece) => typeof piece === 'string');
  const methodOf = (entry: Entry): string => pieces.map((render) => render(entry)).join('');
  const { pathOf = () => '' } = target;
  if (isFixed && target.pathOf === undefined) {
    const fixed: Target = { method: isMethod(method.join('')) ?? 'POST', path: '' };
    return ({ entries }) => ({ groups: [{ target: fixed, entries }], unfit: none });
  }
  return (batch) => {
    const groups = new Map<string, { target: Target; entries: Entry[] }>();
    const unfit = new Set<Entry>();
    for (const entry of batch) {
      const path = pathOf(entry);
      const found = isMethod(methodOf(entry));
      if (path === undefined || found === undefined) {
        unfit.add(entry);
        continue;
      }
      const key = `${found} ${path}`;
      const group = groups.get(key);
      if (group === undefined)
        groups.set(key, { target: { method: found, path }, entries: [entry] });
      else group.entries.push(entry);
    }
    return { groups: [...groups.values()], unfit };
  };
}

const isMethod = (text: string): Target['method'] | undefined =>
  methods.includes(text) ? (text as Target['method']) : undefined;

/**
 * A text that the same records have whenever they are sent together, in the same order, and no others: with one record in a
 * request that is the record's own.
 */
export function idempotencyKey(entries: readonly Entry[]): string {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return only.id;
  const hash = createHash('sha256');
  for (const { id } of entries) hash.update(`${id}\n`);
  return hash.digest('hex').slice(0, 40);
}

const compress = promisify(gzip);

/** The body as it is sent. */
export const compressed = (body: Buffer, level: number | undefined): Buffer | Promise<Buffer> =>
  level === undefined ? body : compress(body, { level });
