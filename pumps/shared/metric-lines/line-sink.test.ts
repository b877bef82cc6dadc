import { describe, expect, it } from 'vitest';
import type { Failure } from '#pump';
import { aBatch } from '#pump/testing';
import type { Transport } from '../transports/transport.ts';
import { LineSink } from './line-sink.ts';

const { signal } = new AbortController();

/** The verdicts of three records with one line each, two of which share a packet. */
async function outcomes(...failures: readonly (Failure | undefined)[]) {
  const transport: Transport = {
    send: () => Promise.resolve(failures),
    check: () => Promise.resolve({ state: 'up' }),
    close: () => Promise.resolve(),
  };
  const sink = new LineSink({
    transport,
    rules: { bytes: 99, lines: 2, isStream: false },
    encode(record, lines) {
      lines.out.utf8(record.text('path'));
      lines.endLine();
    },
  });
  const { verdicts } = await sink.deliver(aBatch(3), signal);
  return verdicts.map(({ outcome }) => outcome);
}

describe('the verdict of a record', () => {
  it('is delivered when its packet was sent', async () => {
    expect(await outcomes(undefined, undefined)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('is retry when its packet was not', async () => {
    const failure: Failure = { kind: 'unreachable', message: 'gone' };

    expect(await outcomes(failure, undefined)).toEqual(['retry', 'retry', 'delivered']);
  });

  it('is reject when the packet is too long with its line alone', async () => {
    const failure: Failure = { kind: 'oversize', message: 'too long' };

    expect(await outcomes(failure, failure)).toEqual(['retry', 'retry', 'reject']);
  });
});
