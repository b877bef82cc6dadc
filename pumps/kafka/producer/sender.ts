import { type Clock, isAborted, type Millis, millis, pause, untilAborted } from '#pump';
import { expectNoError, isPassing, isRefusal, KafkaError, mayBeStored } from './kafka-error.ts';
import type { Numbers } from './numbers.ts';
import type { ProducerSettings } from './settings.ts';
import type { Topic } from './topic.ts';
import type { Codec } from './wire/codecs.ts';
import { pack, type RecordSet, seal } from './wire/record-set.ts';
import { type ProduceAnswer, produce, type Request } from './wire/requests.ts';

export interface SenderParts {
  readonly settings: Pick<ProducerSettings, 'topic' | 'timeout'>;
  readonly topic: Topic;
  readonly codec: () => Promise<Codec>;
  readonly clock: Clock;
}

export interface Sending {
  readonly numbers: Numbers;
  readonly transactionalId: string | null;
  /** Ends the waiting for an answer, and the repeats. */
  readonly signal: AbortSignal;
}

/** Why an attempt did not succeed. */
interface Failed {
  readonly error: unknown;
  /** The request may have reached a broker. */
  readonly wasSent: boolean;
}

/**
 * Has record sets stored, each in its place of the numbering. What is refused, or reached nobody, is tried once more where
 * that may help. What may be stored is *in doubt*: the same bytes go again in the same place, over whatever connection
 * there is and to whoever leads the partition then, until the broker has said what became of them or the signal aborts.
 * The broker stores them once. Only then is the place abandoned.
 */
export class Sender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** One call at a time for a partition. Throws a KafkaError, or what the signal aborted with. */
  async store(set: RecordSet, { numbers, transactionalId, signal }: Sending): Promise<void> {
    const { settings, topic, codec, clock } = this.#parts;
    const { partition, count } = set;
    const packed = await pack(set, await codec());
    const place = await untilAborted(numbers.placeIn(partition), signal);
    const isTransactional = transactionalId !== null;
    const batch = seal(packed, { ...place, time: clock.now(), isTransactional });
    const request = produce({ ...settings, partition, transactionalId, batch });
    let isInDoubt = false;
    let isSpoiled = false;
    let reason: unknown;
    for (let repeats = 0; ; repeats++) {
      const failed = await this.#attempt(request, partition, signal);
      if (failed === undefined) {
        numbers.moveOn(partition, place, count);
        return;
      }
      const { error, wasSent } = failed;
      isInDoubt ||= wasSent && mayBeStored(error);
      isSpoiled ||= wasSent && !isRefusal(error);
      // The end of the time says less than what was wrong until then.
      reason = error instanceof KafkaError ? error : (reason ?? error);
      const mayPass = isPassing(error);
      // Without a number the broker would take a repeat for other messages.
      const isWorthIt =
        place.number !== undefined && (isInDoubt ? mayPass || !wasSent : mayPass && repeats === 0);
      if (isWorthIt) {
        topic.forget();
        await pause(clock, pauseBefore(repeats), signal);
      }
      if (isWorthIt && !isAborted(signal)) continue;
      if (isSpoiled) numbers.abandon(partition, place);
      throw reason;
    }
  }

  /** Undefined: the messages are stored. */
  async #attempt(
    request: Request<ProduceAnswer>,
    partition: number,
    signal: AbortSignal,
  ): Promise<Failed | undefined> {
    let wasSent = false;
    try {
      const leader = await untilAborted(this.#parts.topic.leaderOf(partition), signal);
      await leader.quiet(signal);
      wasSent = true;
      const { code, throttle } = await leader.send(request, { signal });
      leader.keepQuiet(throttle);
      expectNoError(code, `Produce, for partition ${partition}`);
      return undefined;
    } catch (error) {
      return { error, wasSent };
    }
  }
}

/** Long enough for a partition to get another leader in the usual case; longer while nobody is there. */
const pauseBefore = (repeats: number): Millis => millis(Math.min(100 * 2 ** repeats, 1_000));
