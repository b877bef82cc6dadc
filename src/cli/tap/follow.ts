import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { type Millis, millis, seconds } from '../../lib/units.ts';
import { isAborted, onAbort, pause } from '../../lib/waiting.ts';
import { type ApiAccess, sendToApi, whyNot } from '../ask-api.ts';

/** A beat comes every ten seconds: after so long nobody is there any more. */
const longestSilence = seconds(25);
const connectTime = seconds(5);
const firstPause = millis(500);
const longestPause = seconds(10);
/** A line is a record without its bodies, of each of which there are a few kibibytes. */
const mostLine = 16 * 1024 * 1024;

export type TapEvent =
  | { readonly kind: 'line'; readonly line: unknown }
  /** The connection is gone, and is tried again. */
  | { readonly kind: 'lost'; readonly problem: string }
  | { readonly kind: 'again' }
  /** It makes no sense to go on. */
  | { readonly kind: 'refused'; readonly problem: string };

/** The lines of a tap (docs/api.md), over connections that are lost. Ends at the abort, or when it is refused. */
export async function* followTap(
  access: ApiAccess,
  path: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<TapEvent> {
  let wait: Millis = firstPause;
  let wasThere = false;
  let isLost = false;
  while (!signal.aborted) {
    const attempt = new Watched(clock, signal);
    let problem = 'the service has ended it';
    try {
      for await (const line of linesOf(access, path, attempt)) {
        if (isLost) yield { kind: 'again' };
        wasThere = true;
        isLost = false;
        wait = firstPause;
        yield { kind: 'line', line };
      }
    } catch (error) {
      if (isAborted(signal)) return;
      problem = explain(attempt.reason ?? error);
      const isFinal = error instanceof Refused && error.isFinal;
      if (isFinal || !wasThere) {
        yield { kind: 'refused', problem };
        return;
      }
    } finally {
      attempt.end();
    }
    if (isAborted(signal)) return;
    if (!isLost) yield { kind: 'lost', problem };
    isLost = true;
    await pause(clock, wait, signal);
    wait = millis(Math.min(2 * wait, longestPause));
  }
}

class Refused extends Error {
  /** The same would be said again. */
  readonly isFinal: boolean;

  constructor(problem: string, isFinal: boolean) {
    super(problem);
    this.isFinal = isFinal;
  }
}

/** One connection: over when nothing has been heard for too long. */
class Watched {
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #forget: () => void;
  #callOff: () => void = () => undefined;
  reason: Error | undefined;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#forget = onAbort(signal, () => this.#over.abort(signal.reason));
    this.expect(connectTime);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  expect(within: Millis): void {
    this.#callOff();
    this.#callOff = this.#clock.after(within, () => {
      this.reason = new Error(`nothing was heard for ${within / 1000} s`);
      this.#over.abort(this.reason);
    });
  }

  end(): void {
    this.#callOff();
    this.#forget();
    this.#over.abort();
  }
}

async function* linesOf(access: ApiAccess, path: string, attempt: Watched): AsyncGenerator {
  const answer = await sendToApi(access, path, { signal: attempt.signal });
  const { statusCode: status = 0 } = answer;
  if (status !== 200) {
    const problem = await whyNot(answer, access);
    throw new Refused(problem, status !== 503 && status < 500);
  }
  let rest = '';
  answer.setEncoding('utf8');
  for await (const part of answer as AsyncIterable<string>) {
    attempt.expect(longestSilence);
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > mostLine) throw new Refused('this is no tap: a line does not end', true);
    for (const line of lines) yield parsed(line);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Refused('this is no tap: a line is no JSON', true);
  }
}
