import { randomBytes } from 'node:crypto';
import { type Question, Refusal } from '../http/serve.ts';

interface Customer {
  readonly name: string;
  email: string;
  newsletter: boolean;
}

/** Of a demonstration: everybody may know them. */
const passwords: Readonly<Record<string, string>> = {
  anna: 'anna-of-the-demo',
  ben: 'ben-of-the-demo',
};
/** Seconds that a token is good for. */
const lifetime = 600;
/** A demonstration that runs for weeks does not grow. */
const mostTokens = 1000;

/** Who is logged in. */
export class Logins {
  readonly #customers = new Map<string, Customer>();
  readonly #tokens = new Map<string, { readonly name: string; readonly until: number }>();

  /** Throws a 401 where the password is not the user's. */
  open(name: string, password: string): { readonly token: string; readonly expires_in: number } {
    if (passwords[name] === undefined || passwords[name] !== password)
      throw new Refusal(401, 'wrong user or password');
    const token = randomBytes(24).toString('base64url');
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size >= mostTokens && oldest !== undefined) this.#tokens.delete(oldest);
    this.#tokens.set(token, { name, until: Date.now() + lifetime * 1000 });
    return { token, expires_in: lifetime };
  }

  /** Who asks; throws a 401 where nobody has logged in. */
  customer({ token }: Question): Customer {
    const known = token === undefined ? undefined : this.#tokens.get(token);
    if (known === undefined || known.until < Date.now()) throw new Refusal(401, 'log in first');
    const { name } = known;
    const found = this.#customers.get(name) ?? {
      ...{ name, email: `${name}@shop.example`, newsletter: false },
    };
    this.#customers.set(name, found);
    return found;
  }
}
