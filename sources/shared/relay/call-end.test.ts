import { expect, test } from 'vitest';
import type { CallEnd, Decision } from './decision.ts';
import { forwardTo, RawClient, startOrigin, startRelay, upstreamAt } from './relay.testing.ts';

const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

test('a source hears how a call ended', async () => {
  const origin = await startOrigin((_, response) => response.writeHead(503).end());
  const ended: CallEnd[] = [];
  const further = { onEnd: (end: CallEnd) => void ended.push(end) };
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port), further) });
  const client = new RawClient(relay.port);
  client.send(request);
  await client.until('503');
  await relay.exchange();
  expect(ended).toEqual([{ status: 503, error: undefined }]);
  client.socket.destroy();
  await relay.stop();
  await origin.stop();
});

test('a source hears of the end of a call whose client has left before it was decided', async () => {
  let decided: (decision: Decision) => void = () => undefined;
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const relay = await startRelay({
    decide: () => {
      asked();
      return new Promise((resolve) => {
        decided = resolve;
      });
    },
  });
  const client = new RawClient(relay.port);
  client.send(request);
  await isAsked;
  client.socket.destroy();
  await relay.exchange();
  const end = await new Promise<CallEnd>((resolve) =>
    decided({
      ...{ kind: 'forward', upstream: upstreamAt(1), target: '/', headers: [], call: {} },
      onEnd: resolve,
    }),
  );
  expect(end).toMatchObject({ status: undefined, error: { kind: 'aborted' } });
  await relay.stop();
});
