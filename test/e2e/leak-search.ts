import { deepTexts } from '../../src/edit/redact/deep-decode.testing.ts';

/** A secret that was found, and where. */
export interface Leak {
  readonly secret: string;
  readonly around: string;
}

/**
 * Looks for secrets in what left the process: in all of it as it stands and with its escapes undone, and in each text of
 * JSON and each run that may be base64 as deep as it can be decoded. Case does not count, for some sinks change it.
 */
export class LeakSearch {
  readonly #secrets: readonly string[];
  /** What was looked into, for many sinks send the same texts. */
  readonly #known = new Map<string, readonly Leak[]>();

  constructor(secrets: Iterable<string>) {
    this.#secrets = [...new Set([...secrets].map((secret) => secret.toLowerCase()))];
  }

  in(part: Uint8Array): readonly Leak[] {
    const text = Buffer.from(part).toString('latin1');
    const leaks = [
      ...plainly(text.replaceAll(longRun, '$1 $2')).flatMap((each) => this.#standingIn(each)),
      ...valuesIn(text).flatMap((value) => this.#deepIn(value)),
    ];
    return [...new Map(leaks.map((leak) => [leak.secret, leak])).values()];
  }

  #deepIn(text: string): readonly Leak[] {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const leaks = deepTexts(Buffer.from(text, 'latin1')).flatMap((each) => this.#standingIn(each));
    this.#known.set(text, leaks);
    return leaks;
  }

  #standingIn(text: string): readonly Leak[] {
    const lower = text.toLowerCase();
    return this.#secrets.flatMap((secret) => {
      const at = lower.indexOf(secret);
      return at < 0
        ? []
        : [{ secret, around: text.slice(Math.max(0, at - 60), at + secret.length + 20) }];
    });
  }
}

const held = new Map<string, boolean>();

/** Whether a text stands anywhere in it, as deep as it can be decoded. */
export function holds(part: Uint8Array, wanted: string): boolean {
  const text = Buffer.from(part).toString('latin1');
  return text.includes(wanted) || valuesIn(text).some((value) => isWithin(value, wanted));
}

function isWithin(value: string, wanted: string): boolean {
  const key = `${wanted}\n${value}`;
  const known = held.get(key);
  if (known !== undefined) return known;
  const found = deepTexts(Buffer.from(value, 'latin1')).some((each) => each.includes(wanted));
  held.set(key, found);
  return found;
}

const percentDecoded = (text: string): string =>
  text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

const unescaped = (text: string): string =>
  text.replaceAll(
    /\\(?:[ux]0{0,2}([0-9A-Fa-f]{2})|([^ux]))/g,
    (_, digits?: string, other?: string) =>
      digits === undefined ? (other ?? '') : String.fromCharCode(Number.parseInt(digits, 16)),
  );

function plainly(text: string): readonly string[] {
  const once = [text, percentDecoded(text), unescaped(text), text.replaceAll('+', ' ')];
  const twice = once.flatMap((each) => [each, percentDecoded(each), unescaped(each)]);
  return [...new Set(twice.flatMap((each) => [each, each.replaceAll('\0', '')]))];
}

/** What is looked into by itself; its ends may belong to what is around it. */
const longRun = /([A-Za-z0-9+/_-]{64})[A-Za-z0-9+/_-]{64,}([A-Za-z0-9+/_-]{64})/g;

/** What may hold more than can be seen: base64, wherever it begins in a run of its letters, and the texts of JSON. */
function valuesIn(text: string): readonly string[] {
  const values = new Set<string>();
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{12,}={0,2}/g))
    for (const part of new Set([run, ...run.split(/[/_+-]/)]))
      for (const start of [0, 1, 2, 3])
        if (isText(part.slice(start))) values.add(part.slice(start));
  // Objects may follow each other without anything between them.
  for (const line of text.split(/\n|(?<=\})(?=\{)/))
    for (const value of textsOf(parsed(jsonIn(line)))) values.add(value);
  return [...values];
}

/** From where it seems to begin; one character for each byte. */
const jsonIn = (line: string): string =>
  Buffer.from(line.slice(line.search(/[[{]["{[]/)), 'latin1').toString('utf8');

/** Whether base64 seems to be of a text. */
const isText = (run: string): boolean =>
  run.length >= 12 &&
  /^[\t\r\n\0 -~]{9}/.test(Buffer.from(run.slice(0, 12), 'base64').toString('latin1'));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') {
    const inner = /^[[{]/.test(value) ? parsed(value) : undefined;
    const text = Buffer.from(value, 'utf8').toString('latin1');
    return inner === undefined ? [text] : textsOf(inner);
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)]);
}
