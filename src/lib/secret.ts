import { inspect } from 'node:util';
import { masked } from './mask.ts';

/** A value that must not be printed. Every way of printing it gives `[secret]`; `reveal()` is easy to find in review. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return masked;
  }

  toJSON(): string {
    return masked;
  }

  [inspect.custom](): string {
    return masked;
  }
}
