/** Random calls as an OpenAPI document describes them, and what a model should have learned of them. */
import type { Call, MessageSeen } from '../calls/call.ts';
import { asArray, asObject, deref, type Json } from './document.testing.ts';
import { Random } from './random.testing.ts';
import { type SampleOptions, Samples } from './samples.testing.ts';

export interface TrafficOptions extends SampleOptions {
  /** Calls of each operation. */
  readonly calls: number;
  readonly seed: number;
  /** How texts in paths look; where nothing is said, each in one of several ways. */
  readonly values?: keyof typeof looks;
  /** How many values a text in a path has to choose from; undefined: each is new. */
  readonly pool?: number;
}

export interface Traffic {
  readonly calls: readonly Call[];
  /** Templates with `{}` for each parameter. */
  readonly templates: ReadonlySet<string>;
  /** By `METHOD template kind path-in-the-body`: whether a member is required. */
  readonly required: ReadonlyMap<string, boolean>;
}

const looks = {
  uuid: (random: Random) => random.uuid(),
  hash: (random: Random) => random.hex(24),
  word: (random: Random) => random.word(),
  slug: (random: Random) => `${random.word()}-${random.word()}`,
  email: (random: Random) => `${random.word()}@example.com`,
  date: (random: Random) => random.date(),
  digits: (random: Random) => String(random.integer(1, 1e9)),
  // One word in a hundred has a number, as names of people and machines do.
  name: (random: Random) => `${random.word()}${random.next() < 0.3 ? random.integer(1, 99) : ''}`,
} as const;

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head'] as const;

export const bareTemplate = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');

export function trafficOf(document: Json, options: TrafficOptions): Traffic {
  return new Generator(document, options).run();
}

class Generator {
  readonly #document: Json;
  readonly #options: TrafficOptions;
  readonly #random: Random;
  readonly #samples: Samples;
  readonly #pools = new Map<string, readonly string[]>();

  constructor(document: Json, options: TrafficOptions) {
    this.#document = document;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#samples = new Samples(document, options, this.#random);
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
    return { calls: this.#random.shuffle(calls), templates, required: this.#samples.required };
  }

  #deref(value: unknown): unknown {
    return deref(this.#document, value);
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
      if (each['in'] === 'query' && (each['required'] === true || this.#random.next() < 0.5))
        query.set(String(each['name']), String(this.#samples.value(each['schema'] ?? each, '')));
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
    if (codes.length === 0) return [200, this.#deref(responses['default'])];
    const code = this.#random.pick(codes);
    return [Number(code), this.#deref(responses[code])];
  }

  #message(said: unknown, query: string, key: string): MessageSeen {
    const content = asObject(asObject(said)['content']);
    const type = Object.keys(content).find((each) => /[/+]json/.test(each));
    const schema =
      type === undefined ? asObject(said)['schema'] : asObject(content[type])['schema'];
    if (schema === undefined) return { headers: [], body: Buffer.alloc(0), query, isCut: false };
    const value = this.#samples.value(schema, key, 0, '');
    return {
      headers: [['content-type', 'application/json']],
      body: Buffer.from(value === undefined ? 'null' : JSON.stringify(value)),
      query,
      isCut: false,
    };
  }

  #pathValue(name: string, schema: Json): string {
    const random = this.#random;
    const { type, format } = schema;
    if (Array.isArray(schema['enum'])) return String(random.pick(schema['enum']));
    if (type === 'integer' || type === 'number') return String(random.integer(1, 1e9));
    if (format === 'uuid') return random.uuid();
    if (format === 'date' || format === 'date-time') return random.date();
    const { pool } = this.#options;
    if (pool === undefined) return this.#newText();
    let values = this.#pools.get(name);
    if (values === undefined)
      this.#pools.set(name, (values = Array.from({ length: pool }, () => this.#newText())));
    return random.pick(values);
  }

  #newText(): string {
    const { values } = this.#options;
    const look = values ?? this.#random.pick(['uuid', 'hash', 'slug', 'word'] as const);
    return looks[look](this.#random);
  }
}

/** Of OpenAPI 2. */
function bodyParameter(parameters: readonly Json[]): Json | undefined {
  return parameters.find((each) => each['in'] === 'body');
}
