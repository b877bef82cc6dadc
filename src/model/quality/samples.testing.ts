import { asArray, asObject, deref, type Json } from './document.testing.ts';
import type { Random } from './random.testing.ts';

export interface SampleOptions {
  /** How probable an optional member is; 0.5 where nothing is said. */
  readonly optional?: number;
  /** Half of the optional members of an object are there together or not at all. */
  readonly isCorrelated?: boolean;
}

const mostDepth = 6;

/** Random values as schemas of a document describe them, and which members are required where. */
export class Samples {
  /** By `key path-in-the-body`: whether the document says that a member is always there. */
  readonly required = new Map<string, boolean>();
  readonly #document: Json;
  readonly #options: SampleOptions;
  readonly #random: Random;

  constructor(document: Json, options: SampleOptions, random: Random) {
    this.#document = document;
    this.#options = options;
    this.#random = random;
  }

  /** `at`: where it stands, for what is required; `skip`: of no interest. */
  value(schema: unknown, key: string, depth = 0, at = 'skip'): unknown {
    const random = this.#random;
    const known = asObject(deref(this.#document, schema));
    const variants = asArray(known['oneOf'] ?? known['anyOf']);
    // Members of variants are not told apart, so nothing is asked about them.
    if (variants.length > 0) return this.value(random.pick(variants), key, depth + 1);
    const merged = this.#merged(known, 0);
    if (merged['nullable'] === true && random.next() < 0.1) return null;
    if (Array.isArray(merged['enum'])) return random.pick(merged['enum']);
    if (merged['const'] !== undefined) return merged['const'];
    const types = asArray(merged['type']);
    const type = types.length > 0 ? random.pick(types) : merged['type'];
    if (type === 'object' || (type === undefined && merged['properties'] !== undefined))
      return this.#object(merged, key, depth, at);
    switch (type) {
      case 'array': {
        if (depth >= mostDepth) return [];
        const below = at === 'skip' ? at : `${at}[]`;
        return Array.from({ length: random.integer(1, 4) }, () =>
          this.value(merged['items'] ?? {}, key, depth + 1, below),
        );
      }
      case 'integer':
        return random.integer(0, 100_000);
      case 'number':
        return random.next() * 1000;
      case 'boolean':
        return random.next() < 0.5;
      case 'null':
        return null;
      default:
        return this.#text(merged['format']);
    }
  }

  #text(format: unknown): string {
    const random = this.#random;
    switch (format) {
      case 'uuid':
        return random.uuid();
      case 'date-time':
        return `${random.date()}T10:00:00Z`;
      case 'date':
        return random.date();
      case 'email':
        return `${random.word()}@example.com`;
      case 'uri':
        return `https://example.com/${random.word()}`;
      default:
        return `${random.word()} ${random.word()}`;
    }
  }

  #object(schema: Json, key: string, depth: number, at: string): Json {
    const entries: [string, unknown][] = [];
    const required = new Set(asArray(schema['required']));
    const isThere = this.#optionalMembers();
    for (const [index, [name, member]] of Object.entries(
      asObject(schema['properties']),
    ).entries()) {
      const isRequired = required.has(name);
      if (!isRequired && (!isThere(index) || depth >= mostDepth)) continue;
      // A required circle has to end somewhere; what is missing then is no longer as the document says.
      if (depth >= 2 * mostDepth) continue;
      const below = at === 'skip' ? at : `${at}.${name}`;
      if (below !== 'skip' && depth < mostDepth) this.required.set(`${key} ${below}`, isRequired);
      entries.push([name, this.value(member, key, depth + 1, depth < mostDepth ? below : 'skip')]);
    }
    const extra = schema['additionalProperties'];
    if (extra !== undefined && extra !== false && entries.length === 0 && depth < mostDepth)
      for (let count = 0; count < 3; count++)
        entries.push([
          this.#random.uuid(),
          this.value(extra === true ? {} : extra, key, depth + 1),
        ]);
    return Object.fromEntries(entries);
  }

  #optionalMembers(): (index: number) => boolean {
    const { optional = 0.5, isCorrelated = false } = this.#options;
    const isThere = (): boolean => this.#random.next() < optional;
    if (!isCorrelated) return isThere;
    const together = isThere();
    return (index) => (index % 2 === 0 ? together : isThere());
  }

  #merged(schema: Json, depth: number): Json {
    const all = asArray(schema['allOf']);
    if (all.length === 0 || depth > 8) return schema;
    let merged: Json = { ...schema };
    for (const each of all) {
      const part = this.#merged(asObject(deref(this.#document, each)), depth + 1);
      merged = {
        ...part,
        ...merged,
        properties: { ...asObject(part['properties']), ...asObject(merged['properties']) },
        required: [...asArray(part['required']), ...asArray(merged['required'])],
      };
      merged['type'] ??= part['type'];
    }
    return merged;
  }
}
