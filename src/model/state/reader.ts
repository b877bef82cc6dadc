/** A file is not a model: says where and what was expected. Never a value. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
}

/** Walks through parsed JSON that claims to be something, and knows where it is. */
export class Reader {
  readonly #value: unknown;
  readonly #at: string;

  constructor(value: unknown, at = '') {
    this.#value = value;
    this.#at = at;
  }

  member(name: string): Reader {
    const { object } = this;
    return new Reader(
      Object.hasOwn(object, name) ? object[name] : undefined,
      `${this.#at}.${name}`,
    );
  }

  get isAbsent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  get object(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    return this.#fail('an object');
  }

  get text(): string {
    return typeof this.#value === 'string' ? this.#value : this.#fail('a text');
  }

  get number(): number {
    const value = this.#value;
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#fail('a number');
  }

  /** A number that counts something; 0 where there is none. */
  get count(): number {
    if (this.isAbsent) return 0;
    const value = this.number;
    return value >= 0 && Number.isSafeInteger(value)
      ? value
      : this.#fail('a whole number of 0 or more');
  }

  /** Empty where there is none. */
  get list(): readonly Reader[] {
    const value = this.#value;
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#fail('a list');
    return value.map((each: unknown, at) => new Reader(each, `${this.#at}[${String(at)}]`));
  }

  map<K, V>(key: (reader: Reader) => K, value: (reader: Reader) => V): Map<K, V> {
    return new Map(
      this.list.map((pair) => {
        const [first, second, ...others] = pair.list;
        if (first === undefined || second === undefined || others.length > 0)
          return pair.#fail('a list of two');
        return [key(first), value(second)];
      }),
    );
  }

  #fail(expected: string): never {
    const type =
      this.#value === null ? 'null' : Array.isArray(this.#value) ? 'list' : typeof this.#value;
    const found = type === 'undefined' ? 'nothing' : type;
    throw new ModelFileError(`${this.#at || 'the file'} is ${found}, expected ${expected}`);
  }
}
