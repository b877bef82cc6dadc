import { delivered, reject, retry, type Verdict } from '#pump';
import type { Outcome } from './producer/producer.ts';

/**
 * What the broker's answer to a request means for each of its records. Where they are too large together, the courier
 * halves the batch, until one record is too large alone.
 */
export function judgeAnswer(answer: Outcome<void>, records: number): Verdict {
  if (answer.ok) return delivered();
  const { failure } = answer;
  return failure.kind === 'oversize' && records === 1 ? reject(failure) : retry(failure);
}
