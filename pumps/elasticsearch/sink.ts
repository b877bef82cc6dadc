import {
  type Answered,
  type Batch,
  type Clock,
  Delivery,
  type Entry,
  type Health,
  type LentWriters,
  type Millis,
  millis,
  reject,
  retry,
  type Said,
  type Shape,
  type Sink,
  seconds,
  type Verdict,
} from '#pump';
import { AllStored } from './all-stored.ts';
import { isAnonymous, judgeBulk, judgeSingle, type Sent } from './answer.ts';
import { createEncoder, type Encoder, type WriteRequest } from './bulk-request.ts';
import type { Client, Outcome } from './client.ts';
import { documentId, idText } from './document-id.ts';
import { hasDocument } from './encode.ts';
import { describe, serverErrorOf } from './refusal.ts';
import type { Settings } from './settings.ts';
import type { Dialect } from './version.ts';

export interface SinkParts {
  readonly client: Client;
  readonly settings: Settings;
  readonly dialect: Dialect;
  readonly document: Shape;
  readonly clock: Clock;
  readonly isSniffing: boolean;
  readonly writers: LentWriters;
}

/** Nodes come and go slowly; Tyk Pump's client asks as often. */
const sniffInterval = seconds(15 * 60);
/** After the nodes were lost. */
const sniffAgain = seconds(60);
/** Requests of one batch under way at once when each record has its own. */
const singleLanes = 8;

/** Answers that go well before the next ones need no ids again. */
const longWary = 100;

/** Sends a batch and judges the answers. */
export class ElasticsearchSink implements Sink {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #encode: Encoder;
  readonly #isSniffing: boolean;
  readonly #writers: LentWriters;
  /** When the nodes are to be asked for again; the first delivery does so. */
  #nextSniff: Millis;
  /** How many more answers are to name the documents they are about. They are longer, so only after a failure. */
  #wary = 0;

  constructor(parts: SinkParts) {
    const { client, settings, dialect, document, clock, isSniffing, writers } = parts;
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
    this.#encode = createEncoder(settings, dialect, document);
    this.#isSniffing = isSniffing;
    this.#writers = writers;
    this.#nextSniff = clock.elapsed();
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    await this.#sniff(signal);
    const refused = new Set(batch.entries.filter(hasNone));
    const entries =
      refused.size === 0 ? batch.entries : batch.entries.filter((entry) => !refused.has(entry));
    const answers = await this.#writers.lend((out) =>
      this.#sendAll(this.#encode(entries, this.#clock.now(), out), batch, signal),
    );
    return Delivery.ofRequests(batch, answers, (entry) =>
      refused.has(entry) ? noYear : unanswered,
    );
  }

  async #sendAll(
    requests: readonly WriteRequest[],
    { size }: Batch,
    signal: AbortSignal,
  ): Promise<readonly Answered[]> {
    const answers: Answered[] = [];
    // The lanes take turns at one iterator.
    const waiting = requests[Symbol.iterator]();
    const lane = async (): Promise<void> => {
      for (const request of waiting) {
        const said = await this.#send(request, size, signal);
        answers.push({ entries: request.entries, said });
      }
    };
    const lanes = this.#settings.isBulk ? 1 : singleLanes;
    await Promise.all(Array.from({ length: lanes }, lane));
    return answers;
  }

  async #send(request: WriteRequest, batchSize: number, signal: AbortSignal): Promise<Said> {
    const { isBulk, ids } = this.#settings;
    const { entries } = request;
    const count = entries.length;
    const sent: Sent = {
      count,
      isWholeBatch: count === batchSize,
      hasOurIds: ids === 'record',
      idAt: idsOf(entries, this.#settings),
    };
    let outcome = await this.#ask(request, signal);
    if (outcome.ok && isBulk && isAnonymous(outcome.answer, sent)) {
      // Sent again, which these ids make harmless: who is meant must not hang on the order of the items.
      this.#wary = longWary;
      outcome = await this.#ask(request, signal);
    }
    if (!outcome.ok) {
      if (outcome.failure.kind === 'unreachable') this.#loseNodes();
      return retry(outcome.failure);
    }
    return (isBulk ? judgeBulk : judgeSingle)(outcome.answer, sent);
  }

  async #ask(
    { method, path, pathForIds, body }: WriteRequest,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const isWary = this.#wary > 0;
    const contentType = this.#settings.isBulk ? 'application/x-ndjson' : 'application/json';
    const outcome = await this.#client.send(
      { method, path: isWary ? pathForIds : path, body, contentType },
      signal,
    );
    if (isWary)
      this.#wary =
        outcome.ok && outcome.answer.body instanceof AllStored ? this.#wary - 1 : longWary;
    return outcome;
  }

  async #sniff(signal: AbortSignal): Promise<void> {
    if (!this.#isSniffing || this.#clock.elapsed() < this.#nextSniff) return;
    // Set before the answer: deliveries under way at once ask only once.
    this.#nextSniff = millis(this.#clock.elapsed() + sniffInterval);
    await this.#client.sniff(signal);
  }

  /** The named nodes may have gone, or have addresses that only the cluster itself can reach. */
  #loseNodes(): void {
    if (!this.#isSniffing) return;
    this.#client.forgetSniffed();
    this.#nextSniff = millis(this.#clock.elapsed() + sniffAgain);
  }

  async check(signal: AbortSignal): Promise<Health> {
    const outcome = await this.#client.send({ method: 'HEAD', path: '/' }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    const { status, body, proxy } = outcome.answer;
    if (status < 400) return { state: 'up' };
    const reason = describe({ status, error: serverErrorOf(body), proxy });
    // A key that may only write gets 403 here and can write all the same; a proxy may hide the root.
    const isSilent = status === 403 || status === 404 || status === 405;
    return { state: isSilent ? 'unknown' : 'down', reason };
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** What the documents are called; undefined where the server gives them names. */
function idsOf(entries: readonly Entry[], { ids, isBulk }: Settings): Sent['idAt'] {
  // The raw bytes of Tyk's ids in a path are not said back as they were.
  if (ids === 'none' || (ids === 'tyk' && !isBulk)) return undefined;
  return (at) => {
    const entry = entries[at];
    const id = entry === undefined ? undefined : documentId(ids, entry);
    return id === undefined ? '' : idText(id);
  };
}

/** Made once: one made for each batch would be optimised for each. */
const hasNone = ({ record }: Entry): boolean => !hasDocument(record);

const unanswered: Verdict = retry({ kind: 'unexpected', message: 'No request was made.' });

const noYear: Verdict = reject({
  kind: 'invalid',
  message: 'The timestamp is outside the years 0 to 9999, which no JSON date can say.',
});
