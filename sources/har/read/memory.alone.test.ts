import { expect, it } from 'vitest';
import { aHar, anEntry } from '../har.testing.ts';
import { piecesOf } from './pieces.ts';

/** A HAR of this many bytes, of which only what is asked for is there. */
function* generated(bytes: number): Generator<Buffer> {
  const entry = JSON.stringify(
    anEntry({ response: { status: 200, content: { text: 'body "x" '.repeat(4000) } } }),
  );
  const [head = '', tail = ''] = aHar([0]).split('0]');
  yield Buffer.from(head);
  for (let length = 0; length < bytes; length += entry.length + 1)
    yield Buffer.from(length === 0 ? entry : `,${entry}`);
  yield Buffer.from(`]${tail}`);
}

// 300 MB through the whole process: `SLUICE_HAR_MEGABYTES=300`.
const megabytes = Number(process.env['SLUICE_HAR_MEGABYTES'] ?? 100);

it('takes the memory of an entry, not of the file', { timeout: 60_000 }, async () => {
  const before = process.memoryUsage().rss;
  let [entries, peak] = [0, 0];
  for await (const piece of piecesOf(generated(megabytes * 1e6), { longest: 1_000_000 })) {
    expect(piece.kind).toBe('entry');
    entries++;
    if (entries % 100 === 0) peak = Math.max(peak, process.memoryUsage().rss - before);
  }
  expect(entries).toBeGreaterThan(megabytes * 20);
  expect(peak).toBeLessThan(60e6);
});
