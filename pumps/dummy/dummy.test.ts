import { expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump } from '#pump/testing';
import dummy from './index.ts';

it('logs the number of records at info', async () => {
  const context = aContext();
  const { signal } = new AbortController();
  const sink = await aPreparedPump(dummy).open(context, signal);

  await sink.deliver(aBatch(7), signal);

  expect(context.lines).toEqual([
    {
      level: 'info',
      message: 'Records counted and dropped.',
      fields: { records: 7 },
    },
  ]);
});
