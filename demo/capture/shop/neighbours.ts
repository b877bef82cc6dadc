/** The services that the shop asks: payments over TLS, rates in the clear, stock over a Unix socket. */
import { type Answer, ask } from '../http/ask.ts';
import { Refusal } from '../http/serve.ts';

export interface Neighbourhood {
  readonly payments: URL;
  readonly rates: URL;
  readonly stockSocket: string;
  /** Authorities that may have signed for payments, in PEM. */
  readonly caFile: string;
  /** Where calls to the first two go through. */
  readonly proxy: URL | undefined;
}

export class Neighbours {
  readonly #at: Neighbourhood;
  /** How many calls were answered, for whoever counts what was seen of them. */
  readonly calls = { payments: 0, rates: 0, stock: 0 };

  constructor(at: Neighbourhood) {
    this.#at = at;
  }

  /** The number of the payment. Throws a 402 where the card is refused. */
  async charge(cents: number, card: string): Promise<string> {
    const { payments, caFile, proxy } = this.#at;
    const body = { amount: cents, currency: 'EUR', card };
    const url = new URL('/v1/charges', payments);
    const answer = await this.#ask('payments', ask({ method: 'POST', url, body, caFile, proxy }));
    if (answer.status === 402) throw new Refusal(402, 'the card was refused');
    return String(member(answer, 201, 'id'));
  }

  /** How much of it one euro is. */
  async rateOf(currency: string): Promise<number> {
    const { rates, proxy } = this.#at;
    const url = new URL(`/rates/${encodeURIComponent(currency)}`, rates);
    const answer = await this.#ask('rates', ask({ method: 'GET', url, proxy }));
    if (answer.status === 404) throw new Refusal(400, 'nobody knows that currency');
    return Number(member(answer, 200, 'per_euro'));
  }

  async piecesOf(product: number): Promise<number> {
    const url = new URL(`http://stock/stock/${product}`);
    const { stockSocket: socketPath } = this.#at;
    const answer = await this.#ask('stock', ask({ method: 'GET', url, socketPath }));
    return Number(member(answer, 200, 'pieces'));
  }

  async #ask(name: keyof Neighbours['calls'], asked: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await asked;
      this.calls[name] += 1;
      return answer;
    } catch {
      throw new Refusal(502, `${name} does not answer`);
    }
  }
}

function member({ status, body }: Answer, wanted: number, name: string): unknown {
  if (status !== wanted) throw new Refusal(502, `an answer of ${status} that nobody expected`);
  return (body as Readonly<Record<string, unknown>>)[name];
}
