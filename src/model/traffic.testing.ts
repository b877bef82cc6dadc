/** Random calls as an OpenAPI document describes them, and what a model should have learned of them. */
import type { Call, MessageSeen } from './calls/call.ts';

type Json = Record<string, unknown>;

export interface TrafficOptions {
  /** Calls of each operation. */
  readonly calls: number;
  readonly seed: number;
  /** How many values a text in a path has to choose from; undefined: each is new. */
  readonly pool?: number;
}

/** Where a member of an object stands, and whether the document says that it is always there. */
type Required = Map<string, boolean>;

export interface Traffic {
  readonly calls: readonly Call[];
  /** Templates with `{}` for each parameter. */
  readonly templates: ReadonlySet<string>;
  /** By `METHOD template kind path-in-the-body`. */
  readonly required: ReadonlyMap<string, boolean>;
}

/** A small generator of known quality (mulberry32), so that a run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;
const syllables =
  'ba be bi bo da de fo ga ge ka ki la lo ma mi no pa ra re sa si ta to un va vi'.split(' ');
const mostDepth = 6;

export const bareTemplate = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');

export function trafficOf(document: Json, options: TrafficOptions): Traffic {
  return new Generator(document, options).run();
}

class Generator {
  readonly #document: Json;
  readonly #options: TrafficOptions;
  readonly #random: () => number;
  readonly #required: Required = new Map();

  constructor(document: Json, options: TrafficOptions) {
    this.#document = document;
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  run(): Traffic {
    const calls: Call[] = [];
    const templates = new Set<string>();
    const prefix = this.#prefix();
    for (const [path, item] of Object.entries(asObject(this.#document['paths']))) {
      if (!path.startsWith('/')) continue;
      const itemObject = asObject(this.#deref(item));
      for (const method of methods) {
        const operation = this.#deref(itemObject[method]);
        if (operation === undefined) continue;
        const template = prefix + path.replace(/[?#].*$/, '');
        templates.add(bareTemplate(template));
        for (let at = 0; at < this.#options.calls; at++)
          calls.push(this.#call(template, method, itemObject, asObject(operation)));
      }
    }
    return { calls: this.#shuffled(calls), templates, required: this.#required };
  }

  #prefix(): string {
    const servers = this.#document['servers'];
    const url = Array.isArray(servers) ? asObject(servers[0])['url'] : this.#document['basePath'];
    const path = (typeof url === 'string' ? url : '')
      .replace(/^[a-z]*:?\/\/[^/]*/, '')
      .replace(/\/+$/, '');
    return path.startsWith('/') && !path.includes('{') ? path : '';
  }

  #call(template: string, method: string, item: Json, operation: Json): Call {
    const parameters = [...asArray(item['parameters']), ...asArray(operation['parameters'])].map(
      (each) => asObject(this.#deref(each)),
    );
    const key = `${method.toUpperCase()} ${bareTemplate(template)}`;
    const path = template.replaceAll(/\{([^}]*)\}/g, (_, name: string) => {
      const found = parameters.find((each) => each['in'] === 'path' && each['name'] === name);
      return encodeURIComponent(
        this.#pathValue(name, asObject(this.#deref(found?.['schema'] ?? found))),
      );
    });
    const query = new URLSearchParams();
    for (const each of parameters)
      if (each['in'] === 'query' && (each['required'] === true || this.#random() < 0.5))
        query.set(String(each['name']), String(this.#value(each['schema'] ?? each, '', 0, 'skip')));
    const [status, response] = this.#answer(asObject(operation['responses']));
    return {
      time: 1_700_000_000_000,
      host: 'api.example.com',
      method: method.toUpperCase(),
      path,
      status,
      latency: 10,
      request: this.#message(
        this.#deref(operation['requestBody']) ?? bodyParameter(parameters),
        query.toString(),
        `${key} request`,
      ),
      response: this.#message(response, '', `${key} ${String(status)}`),
    };
  }

  #answer(responses: Json): [number, unknown] {
    const codes = Object.keys(responses).filter((code) => /^2\d\d$/.test(code));
    const code = codes[Math.floor(this.#random() * codes.length)];
    if (code !== undefined) return [Number(code), this.#deref(responses[code])];
    return [200, this.#deref(responses['default'])];
  }

  #message(said: unknown, query: string, key: string): MessageSeen {
    const content = asObject(asObject(said)['content']);
    const type = Object.keys(content).find((each) => /[/+]json/.test(each));
    const schema =
      type === undefined ? asObject(said)['schema'] : asObject(content[type])['schema'];
    if (schema === undefined) return { headers: [], body: Buffer.alloc(0), query, isCut: false };
    const value = this.#value(schema, key, 0, '');
    return {
      headers: [['content-type', 'application/json']],
      body: Buffer.from(value === undefined ? 'null' : JSON.stringify(value)),
      query,
      isCut: false,
    };
  }

  #pathValue(name: string, schema: Json): string {
    const { type, format } = schema;
    if (Array.isArray(schema['enum'])) return String(this.#pick(schema['enum']));
    if (type === 'integer' || type === 'number') return String(this.#integer(1, 1e9));
    if (format === 'uuid') return this.#uuid();
    if (format === 'date' || format === 'date-time') return this.#date();
    const { pool } = this.#options;
    if (pool !== undefined)
      return `${name.replaceAll(/\W/g, '')}${letters(this.#integer(0, pool))}`;
    switch (this.#integer(0, 4)) {
      case 0:
        return this.#uuid();
      case 1:
        return this.#hex(24);
      case 2:
        return `${this.#word()}-${this.#word()}`;
      default:
        return this.#word();
    }
  }

  /** `at`: where it stands, for what is required; `skip`: of no interest. */
  #value(schema: unknown, key: string, depth: number, at: string): unknown {
    const known = asObject(this.#deref(schema));
    const variants = asArray(known['oneOf'] ?? known['anyOf']);
    if (variants.length > 0) return this.#value(this.#pick(variants), key, depth + 1, 'skip');
    const merged = this.#merged(known, 0);
    if (merged['nullable'] === true && this.#random() < 0.1) return null;
    if (Array.isArray(merged['enum'])) return this.#pick(merged['enum']);
    if (merged['const'] !== undefined) return merged['const'];
    const types = asArray(merged['type']);
    const type = types.length > 0 ? this.#pick(types) : merged['type'];
    if (type === 'object' || (type === undefined && merged['properties'] !== undefined))
      return this.#object(merged, key, depth, at);
    switch (type) {
      case 'array': {
        if (depth >= mostDepth) return [];
        const count = this.#integer(1, 4);
        const below = at === 'skip' ? at : `${at}[]`;
        return Array.from({ length: count }, () =>
          this.#value(merged['items'] ?? {}, key, depth + 1, below),
        );
      }
      case 'integer':
        return this.#integer(0, 100_000);
      case 'number':
        return this.#random() * 1000;
      case 'boolean':
        return this.#random() < 0.5;
      case 'null':
        return null;
      default:
        return this.#text(merged['format']);
    }
  }

  #text(format: unknown): string {
    switch (format) {
      case 'uuid':
        return this.#uuid();
      case 'date-time':
        return `${this.#date()}T10:00:00Z`;
      case 'date':
        return this.#date();
      case 'email':
        return `${this.#word()}@example.com`;
      case 'uri':
        return `https://example.com/${this.#word()}`;
      default:
        return `${this.#word()} ${this.#word()}`;
    }
  }

  #object(schema: Json, key: string, depth: number, at: string): Json {
    const entries: [string, unknown][] = [];
    const required = new Set(asArray(schema['required']));
    for (const [name, member] of Object.entries(asObject(schema['properties']))) {
      const isRequired = required.has(name);
      if (!isRequired && (this.#random() < 0.5 || depth >= mostDepth)) continue;
      // A required circle has to end somewhere; what is missing then is no longer as the document says.
      if (depth >= 2 * mostDepth) continue;
      const below = at === 'skip' ? at : `${at}.${name}`;
      if (below !== 'skip' && depth < mostDepth) this.#required.set(`${key} ${below}`, isRequired);
      entries.push([name, this.#value(member, key, depth + 1, depth < mostDepth ? below : 'skip')]);
    }
    const extra = schema['additionalProperties'];
    if (extra !== undefined && extra !== false && entries.length === 0 && depth < mostDepth)
      for (let count = 0; count < 3; count++)
        entries.push([
          this.#uuid(),
          this.#value(extra === true ? {} : extra, key, depth + 1, 'skip'),
        ]);
    return Object.fromEntries(entries);
  }

  #merged(schema: Json, depth: number): Json {
    const all = asArray(schema['allOf']);
    if (all.length === 0 || depth > 8) return schema;
    let merged: Json = { ...schema };
    for (const each of all) {
      const part = this.#merged(asObject(this.#deref(each)), depth + 1);
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

  #deref(value: unknown, hops = 0): unknown {
    const ref = asObject(value)['$ref'];
    if (typeof ref !== 'string' || hops > 20) return value;
    let found: unknown = this.#document;
    for (const part of ref.replace(/^#\//, '').split('/'))
      found = asObject(found)[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
    return this.#deref(found, hops + 1);
  }

  #shuffled(calls: Call[]): Call[] {
    for (let at = calls.length - 1; at > 0; at--) {
      const other = Math.floor(this.#random() * (at + 1));
      [calls[at], calls[other]] = [calls[other] as Call, calls[at] as Call];
    }
    return calls;
  }

  #pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }

  #integer(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from));
  }

  #word(): string {
    return Array.from({ length: this.#integer(2, 5) }, () => this.#pick(syllables)).join('');
  }

  #hex(length: number): string {
    return Array.from({ length }, () => this.#integer(0, 16).toString(16)).join('');
  }

  #uuid(): string {
    return [8, 4, 4, 4, 12].map((length) => this.#hex(length)).join('-');
  }

  #date(): string {
    const two = (value: number): string => String(value).padStart(2, '0');
    return `20${two(this.#integer(10, 26))}-${two(this.#integer(1, 13))}-${two(this.#integer(1, 29))}`;
  }
}

/** Of OpenAPI 2. */
function bodyParameter(parameters: readonly Json[]): Json | undefined {
  return parameters.find((each) => each['in'] === 'body');
}

const letters = (number: number): string =>
  Array.from(String(number), (digit) => 'abcdefghij'[Number(digit)]).join('');

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
