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
  type Shape,
  type Sink,
  type Verdict,
} from '#pump';
import { awaitAcknowledgement } from './acknowledgement.ts';
import {
  besideBlamed,
  blamedEvent,
  codeOf,
  isAboutToken,
  judgeAnswer,
  noData,
  wordsOf,
} from './answer.ts';
import { createEventWriter, type EventWriter } from './encode.ts';
import type { Options } from './options.ts';
import { type EventRequest, type Packing, requestOf, requestsOf } from './requests.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly options: Options;
  readonly document: Shape;
  readonly packing: Packing;
  readonly clock: Clock;
  /** Of the indexers' acknowledgements; undefined: they are not waited for. */
  readonly channel: string | undefined;
}

const healthPath = '/services/collector/health/1.0';
const eventPath = '/services/collector/event/1.0';

/** Requests of one batch under way at once. */
const lanes = 4;

/** Sends events and judges the answers. */
export class SplunkSink implements Sink {
  readonly #parts: SinkParts;
  readonly #writeEvent: EventWriter;
  #isTokenKnown = false;

  constructor(parts: SinkParts) {
    this.#parts = parts;
    this.#writeEvent = createEventWriter(parts.document, parts.options);
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
    const outcome = await client.send({ method: 'POST', path: eventPath, headers, body }, signal);
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
    if (judged.outcome === 'delivered') this.#isTokenKnown = true;
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

  /**
   * Whether the collector has room, and once, until events were taken, whether it knows the token. An empty request tells
   * that, and the collector counts it as an error, so it is made no more often.
   */
  async check(signal: AbortSignal): Promise<Health> {
    const { client } = this.#parts;
    const outcome = await client.send({ method: 'GET', path: healthPath }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status } = outcome.answer;
    // A proxy may hide it, and other collectors have none.
    const isSilent = status === 404 || status === 405;
    const health: Health =
      status === 200
        ? { state: 'up' }
        : { state: isSilent ? 'unknown' : 'down', reason: wordsOf(outcome.answer) };
    return health.state === 'down' || this.#isTokenKnown ? health : this.#tryToken(health, signal);
  }

  async #tryToken(health: Health, signal: AbortSignal): Promise<Health> {
    const { client, channel } = this.#parts;
    const headers = channel === undefined ? {} : { 'x-splunk-request-channel': channel };
    const body = Buffer.alloc(0);
    const outcome = await client.send({ method: 'POST', path: eventPath, headers, body }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { answer } = outcome;
    const isRefused =
      answer.status === 401 || answer.status === 403 || isAboutToken(codeOf(answer));
    if (isRefused) return { state: 'down', reason: wordsOf(answer) };
    this.#isTokenKnown = codeOf(answer) === noData;
    return health;
  }

  close(): Promise<void> {
    this.#parts.client.close();
    return Promise.resolve();
  }
}

const unanswered: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });
