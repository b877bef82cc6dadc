import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { millis } from '#source';
import type { SourceAnswer } from '../decision.ts';
import {
  forwardTo,
  RawClient,
  type RelayUnderTest,
  speak,
  startOrigin,
  startRelay,
  upstreamAt,
} from '../relay.testing.ts';

let origin: Awaited<ReturnType<typeof startOrigin>>;
let relay: RelayUnderTest;
const seen: string[] = [];
beforeAll(async () => {
  origin = await startOrigin((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.sendDate = false;
      response.end(`for ${request.url}`);
    });
  });
  relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)) });
});
afterAll(async () => {
  await relay.stop();
  await origin.stop();
});

const host = 'Host: a\r\n';
const many = [
  `GET /1 HTTP/1.1\r\n${host}\r\n`,
  `POST /2 HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`,
  `HEAD /3 HTTP/1.1\r\n${host}\r\n`,
  // Not plain: from here on Node's server reads.
  `POST /4 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
  `PUT /5 HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nok`,
  `GET /6 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
].join('');

test('requests behind one another are served in order, wherever they are cut', async () => {
  const whole = await speak(relay.port, many);
  // Node's server asks for what is behind one another at once, and keeps the order of the answers.
  const expected = ['GET /1 ', 'GET /6 ', 'HEAD /3 ', 'POST /2 hello', 'POST /4 abc', 'PUT /5 ok'];
  expect(seen.splice(0).sort()).toEqual(expected);
  expect(whole.match(/HTTP\/1\.1 200 OK\r\n/g)).toHaveLength(6);
  expect(whole).toMatch(/for \/1[^]*for \/2[^]*for \/4[^]*for \/5[^]*Connection: close[^]*for \/6/);
  for (let at = 1; at < many.length; at += 1) {
    const client = new RawClient(relay.port);
    client.send(many.slice(0, at));
    await once(client.socket, 'connect');
    await delay(2);
    client.send(many.slice(at));
    expect(await client.ended()).toBe(whole);
    expect(seen.splice(0).sort()).toEqual(expected);
  }
});

test('a body that comes in parts is handed on as it comes, and the next request is its own', async () => {
  const client = new RawClient(relay.port);
  client.send(`POST /parts HTTP/1.1\r\n${host}Content-Length: 6\r\n\r\n`);
  for (const part of ['ab', 'cd', `efGET /next HTTP/1.1\r\n${host}Connection: close\r\n\r\n`]) {
    await delay(10);
    client.send(part);
  }
  expect(await client.ended()).toMatch(/for \/parts[^]*for \/next$/);
  expect(seen.splice(0)).toEqual(['POST /parts abcdef', 'GET /next ']);
});

test('a thousand requests at once, answered without anybody being asked, are answered in order', async () => {
  let count = 0;
  const own = await startRelay({
    decide: () => {
      const body = `answer ${++count};`;
      return {
        ...{ kind: 'answer', status: 200, body, call: {} },
        headers: ['Content-Length', String(body.length)],
      };
    },
  });
  const client = new RawClient(own.port);
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`.repeat(1000));
  const said = await client.until('answer 1000;');
  const numbers = [...said.matchAll(/answer (\d+);/g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  client.socket.destroy();
  await own.stop();
});

test.each<[string, SourceAnswer, RegExp]>([
  [
    'without a length, in chunks',
    { status: 200, headers: ['X', '1'], body: 'abc' },
    /Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/,
  ],
  // The connection breaks, or the client would wait, or take what follows for the rest.
  ['that is too short, cut', { status: 200, headers: ['Content-Length', '4'], body: 'abc' }, /^$/],
  ['that is too long, cut', { status: 200, headers: ['Content-Length', '2'], body: 'abc' }, /^$/],
])('an answer of a source %s', async (_, answer, expected) => {
  const own = await startRelay({ decide: () => ({ kind: 'answer', call: {}, ...answer }) });
  const said = await speak(own.port, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
  expect(said).toMatch(expected);
  await own.stop();
});

test('a client that asks for nothing more is closed', async () => {
  const own = await startRelay({
    decide: forwardTo(upstreamAt(origin.port)),
    limits: { clientIdle: millis(300) },
  });
  const client = new RawClient(own.port);
  client.send(`GET /once HTTP/1.1\r\n${host}\r\n`);
  await client.until('for /once');
  const since = performance.now();
  await client.ended();
  expect(performance.now() - since).toBeGreaterThan(200);
  await own.stop();
});

test('a client that ends in the middle of a body is told so, and it is counted', async () => {
  const client = new RawClient(relay.port);
  client.send(`POST /cut HTTP/1.1\r\n${host}Content-Length: 6\r\n\r\nabc`);
  await delay(50);
  client.socket.end();
  expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
  expect(relay.metrics.of('sluice_capture_refused_total', 'test', 'in', 'malformed')).toBe(1);
  seen.splice(0);
});
