import type { Exchange } from '../exchange.ts';
import { type SourceReport, type Verdict, verdict } from './verdict.ts';

/** Names that are told apart; the others stand under `other`. */
const mostNames = 100;
const mostTold = 5;

/** A client speaks TLS to a port without, or the reverse. */
export type TurnedAway = 'tls-on-plain-port' | 'plain-on-tls-port';

/** What calls of a source in an interval come to, for sources that do not count for themselves. Its verdicts say why calls are seen, or are not. */
export class CallTally {
  #calls = 0;
  #opaque = 0;
  #unanswered = 0;
  #turnedAway = { 'tls-on-plain-port': 0, 'plain-on-tls-port': 0 };
  #hosts = new Map<string, number>();
  #errors = new Map<string, number>();

  seen({ isOpaque, tls, request, response, error }: Exchange): void {
    if (isOpaque) {
      this.#opaque++;
      count(this.#hosts, tls?.serverName ?? request.host);
    } else this.#calls++;
    if (response === undefined && !isOpaque) this.#unanswered++;
    if (error !== undefined) count(this.#errors, error.kind);
  }

  turnedAway(reason: TurnedAway): void {
    this.#turnedAway[reason]++;
  }

  /** Nothing was seen in this interval yet. */
  get isEmpty(): boolean {
    const { 'tls-on-plain-port': tls, 'plain-on-tls-port': plain } = this.#turnedAway;
    return this.#calls + this.#opaque + tls + plain === 0;
  }

  /** Ends the interval, and begins the next. Milliseconds since 1970. */
  take(from: number, to: number): SourceReport {
    const report = { from, to, verdicts: this.#verdicts(to - from), counters: this.#counters() };
    this.#calls = 0;
    this.#opaque = 0;
    this.#unanswered = 0;
    this.#turnedAway = { 'tls-on-plain-port': 0, 'plain-on-tls-port': 0 };
    this.#hosts = new Map();
    this.#errors = new Map();
    return report;
  }

  #counters(): object {
    return {
      ...{ calls: this.#calls, opaque: this.#opaque, unanswered: this.#unanswered },
      turned_away: this.#turnedAway,
      opaque_hosts: Object.fromEntries(this.#hosts),
      errors: Object.fromEntries(this.#errors),
    };
  }

  #verdicts(length: number): readonly Verdict[] {
    const verdicts = [...this.#about()];
    if (verdicts.length > 0) return verdicts;
    const words = `No call came in ${Math.round(length / 1000)} s.`;
    const next = ['Do clients go through this source? `/ready` says where it listens.'];
    return [verdict('no-traffic', 'note', words, { evidence: ['0 calls'], next })];
  }

  *#about(): Generator<Verdict> {
    yield* this.#aboutTurnedAway();
    const [calls, opaque] = [this.#calls, this.#opaque];
    if (opaque > 0) {
      const isAll = calls === 0;
      const words = isAll
        ? `${opaque} connections passed of which nobody could see the inside, and no call: encrypted.`
        : `${opaque} connections passed of which nobody could see the inside, beside ${calls} calls.`;
      yield verdict(isAll ? 'encrypted' : 'mixed', isAll ? 'problem' : 'note', words, {
        evidence: told(this.#hosts),
        next: [
          'Look into TLS for these hosts, where that is yours to decide and clients trust your authority: `mitm` with `intercept` of the forward proxy.',
          'Let clients speak HTTP, and begin TLS here: the egress entry.',
          'Look inside the client’s process by eBPF, or export a HAR from its browser.',
        ],
      });
    }
    const unanswered = this.#unanswered;
    if (unanswered > 0)
      yield verdict(
        'failed',
        unanswered * 2 > calls ? 'problem' : 'note',
        `${unanswered} of ${calls} calls had no answer.`,
        {
          evidence: told(this.#errors),
          next: [
            'Each has the tag `cap-error-…`, by which its records are found; the log says what is wrong with an upstream.',
          ],
        },
      );
    if (calls > 0)
      yield verdict('seen', 'ok', `${calls} calls are seen.`, { evidence: [], next: [] });
  }

  *#aboutTurnedAway(): Generator<Verdict> {
    const { 'tls-on-plain-port': tls, 'plain-on-tls-port': plain } = this.#turnedAway;
    if (tls > 0)
      yield verdict(
        'tls-on-plain-port',
        'problem',
        `${tls} connections began with TLS, at a port that speaks plain HTTP.`,
        {
          evidence: [`${tls} connections refused; clients say “wrong version number”`],
          next: [
            'Begin the address that clients are given with http://. Of a proxy: its own address, in `https_proxy` too.',
            'Or give the port certificates, where the source can have them.',
          ],
        },
      );
    if (plain > 0)
      yield verdict(
        'plain-on-tls-port',
        'problem',
        `${plain} connections spoke plain HTTP, at a port that speaks TLS.`,
        {
          evidence: [`${plain} connections answered with 400`],
          next: ['Begin the address that clients are given with https://.'],
        },
      );
  }
}

function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < mostNames ? name : 'other';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

const told = (counts: ReadonlyMap<string, number>): readonly string[] =>
  [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostTold)
    .map(([name, number]) => `${name} (${number})`);
