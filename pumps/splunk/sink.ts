import {
  type Answered,
  type Batch,
  type Clock,
  Delivery,
  type Health,
  type HttpAnswer,
  type HttpClient,
  jsonMember,
  jsonOf,
  retry,
  type Said,
  type Sink,
  type Verdict,
} from '#pump';
import { awaitAcknowledgement } from './acknowledgement.ts';
import { besideBlamed, blamedEvent, judgeAnswer, wordsOf } from './answer.ts';
import { createEventWriter, type EventWriter } from './encode.ts';
import type { Options } from './options.ts';
import { type EventRequest, type Packing, requestOf, requestsOf } from './requests.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly options: Options;
  readonly packing: Packing;
  readonly clock: Clock;
  /** Of the indexers' acknowledgements; undefined: they are not waited for. */
  readonly channel: string | undefined;
}

/** Requests of one batch under way at once. */
const lanes = 4;

/** Sends events and judges the answers. */
export class SplunkSink implements Sink {
  readonly #parts: SinkParts;
  readonly #writeEvent: EventWriter;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#writeEvent = createEventWriter(parts.options);
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const answers: Answered[] = [];
    // The lanes take turns at one iterator.
    const waiting = requestsOf(batch, this.#writeEvent, this.#parts.packing)[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
        const request = next.value;
        const said = await this.#send(request, batch, signal);
        answers.push({ entries: request.entries, said });
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return Delivery.ofRequests(batch, answers, () => unanswered);
  }

  async #send({ entries, body }: EventRequest, batch: Batch, signal: AbortSignal): Promise<Said> {
    const { client, channel } = this.#parts;
    const headers = channel === undefined ? {} : { 'x-splunk-request-channel': channel };
    const outcome = await client.send(
      { method: 'POST', path: '/services/collector/event/1.0', headers, body },
      signal,
    );
    const count = entries.length;
    if (!outcome.ok) return retry(outcome.failure);
    const { answer } = outcome;
    const sent = { count, isWholeBatch: count === batch.size };
    const blamed = blamedEvent(answer, sent);
    const suspect = blamed === undefined ? undefined : entries[blamed];
    if (suspect !== undefined) {
      // Only what is refused alone is rejected: a number may be read in another way than it was meant.
      const said = await this.#send(requestOf(suspect, this.#writeEvent), batch, signal);
      const alone = [said].flat()[0] ?? unanswered;
      const others = besideBlamed(answer);
      return entries.map((entry) => (entry === suspect ? alone : others));
    }
    const judged = judgeAnswer(answer, sent);
    return channel === undefined || judged.outcome !== 'delivered'
      ? judged
      : this.#acknowledged(answer, channel, signal);
  }

  async #acknowledged(answer: HttpAnswer, channel: string, signal: AbortSignal): Promise<Verdict> {
    const id = jsonMember(jsonOf(answer), 'ackId');
    return typeof id === 'number'
      ? awaitAcknowledgement(id, { ...this.#parts, channel }, signal)
      : retry({ kind: 'unexpected', message: 'The collector gave no number to ask for.' });
  }

  /** Says whether the collector has room, not whether it knows the token: only an event would tell. */
  async check(signal: AbortSignal): Promise<Health> {
    const outcome = await this.#parts.client.send(
      { method: 'GET', path: '/services/collector/health/1.0' },
      signal,
    );
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status } = outcome.answer;
    if (status === 200) return { state: 'up' };
    // A proxy may hide it, and other collectors have none.
    const isSilent = status === 404 || status === 405;
    return { state: isSilent ? 'unknown' : 'down', reason: wordsOf(outcome.answer) };
  }

  close(): Promise<void> {
    this.#parts.client.close();
    return Promise.resolve();
  }
}

const unanswered: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
