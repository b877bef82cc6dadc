import {
  type Clock,
  delivered,
  type HttpClient,
  jsonMember,
  jsonOf,
  millis,
  pause,
  retry,
  seconds,
  type Verdict,
} from '#pump';
import { wordsOf } from './answer.ts';

export interface Acknowledgements {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** GUID; sent with the events too. */
  readonly channel: string;
}

const firstPause = 250;
/** The collector forgets an acknowledgement once it was told; asking more often costs the indexers. */
const longestPause = seconds(5);

/**
 * Asks until the indexers have written the events of this number, up to the deadline of the delivery. Waiting is part
 * of this protocol, so it is done here and not by the courier.
 */
export async function awaitAcknowledgement(
  id: number,
  { client, clock, channel }: Acknowledgements,
  signal: AbortSignal,
): Promise<Verdict> {
  const body = Buffer.from(JSON.stringify({ acks: [id] }));
  const path = `/services/collector/ack?channel=${channel}`;
  for (let wait = firstPause; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
    const outcome = await client.send({ method: 'POST', path, body }, signal);
    // The events are with the collector: a question that failed is asked again.
    if (outcome.ok && outcome.answer.status === 200) {
      if (jsonMember(jsonMember(jsonOf(outcome.answer), 'acks'), String(id)) === true)
        return delivered();
    } else if (outcome.ok && outcome.answer.status < 500)
      return retry({ kind: 'unexpected', message: wordsOf(outcome.answer) });
    await pause(clock, millis(wait), signal);
  }
  return unacknowledged;
}

const unacknowledged = retry({
  kind: 'timeout',
  message:
    'The collector took the events, the indexers did not acknowledge them before the deadline.',
});
