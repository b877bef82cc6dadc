import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import {
  type Batch,
  Delivery,
  type Health,
  type HttpClient,
  type LentWriters,
  type Log,
  retry,
  type Sink,
  type Verdict,
  withoutReason,
} from '#pump';
import { isAboutTable, judgeAnswer } from './answer.ts';
import type { Insert, Table } from './table.ts';

export interface SinkParts {
  readonly client: HttpClient;
  readonly table: Table;
  readonly isCompressed: boolean;
  readonly log: Log;
  readonly writers: LentWriters;
}

const compress = promisify(gzip);

/** One insert per batch. */
export class ClickHouseSink implements Sink {
  readonly #parts: SinkParts;

  constructor(parts: SinkParts) {
    this.#parts = parts;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const known = await this.#parts.table.know(signal);
    return Delivery.whole(
      batch,
      known.ok ? await this.#insert(batch, known.insert, signal) : retry(known.failure),
    );
  }

  #insert(
    batch: Batch,
    { path, takesTokens, writeRows }: Insert,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { client, table, isCompressed, log, writers } = this.#parts;
    const token = takesTokens ? `&insert_deduplication_token=${tokenOf(batch)}` : '';
    return writers.lend(async (out) => {
      writeRows(batch, out);
      // Rows are repetitive: the fastest level already makes them a small part of their size.
      const body = isCompressed
        ? await compress(out.view(), { level: constants.Z_BEST_SPEED })
        : out.view();
      const headers = isCompressed ? { 'content-encoding': 'gzip' } : {};
      const request = { method: 'POST', path: path + token, headers, body } as const;
      const outcome = await client.send(request, signal);
      if (!outcome.ok) return retry(outcome.failure);
      const { answer } = outcome;
      const verdict = judgeAnswer(answer, batch.size);
      if (verdict.outcome !== 'delivered')
        log.debug(
          { status: answer.status, answer: answer.body.slice(0, 300) },
          'The server refused an insert. What it says may repeat what a record holds.',
        );
      if (isAboutTable(answer)) table.forget();
      return verdict;
    });
  }

  /** Whether the server is there, and the table as it should be. */
  async check(signal: AbortSignal): Promise<Health> {
    const { client, table } = this.#parts;
    const outcome = await client.send({ method: 'GET', path: '/ping' }, signal);
    if (!outcome.ok) return { state: 'down', reason: outcome.failure.message };
    if (outcome.answer.status >= 500)
      return { state: 'down', reason: withoutReason(outcome.answer) };
    const known = await table.know(signal);
    return known.ok ? { state: 'up' } : { state: 'down', reason: known.failure.message };
  }

  close(): Promise<void> {
    this.#parts.client.close();
    return Promise.resolve();
  }
}

/** Of the same records in the same order the same text, and of no others. */
function tokenOf({ entries }: Batch): string {
  const hash = createHash('sha256');
  for (const { segment, index } of entries) hash.update(`${segment}:${index}\n`);
  return hash.digest('hex').slice(0, 40);
}
