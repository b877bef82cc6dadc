import type { EventEmitter } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openUnixTransport } from './unix-transport.ts';

/** The part of unix-dgram, which has no types, that a receiver needs. */
interface UnixDgram {
  createSocket(type: 'unix_dgram'): EventEmitter & { bind(path: string): void; close(): void };
}

const name = 'unix-dgram';
const library = await (import(name) as Promise<{ readonly default: UnixDgram }>).catch(
  () => undefined,
);
const { signal } = new AbortController();
const numbered = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, at) => Buffer.from(`message ${at}`));

describe.skipIf(library === undefined)('datagrams to a Unix socket', () => {
  let folder: string;
  let receiver: ReturnType<UnixDgram['createSocket']> | undefined;
  const heard: string[] = [];

  const listen = (): void => {
    receiver = library?.default.createSocket('unix_dgram');
    receiver?.on('message', (message: Buffer) => heard.push(String(message)));
    receiver?.bind(path.join(folder, 's'));
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-uds-'));
    heard.length = 0;
  });
  afterEach(async () => {
    receiver?.close();
    receiver = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  it('wait for room, so that none is lost: the socket holds about ten', async () => {
    listen();
    const transport = await openUnixTransport(path.join(folder, 's'));

    const outcomes = await transport.send(numbered(200), signal);
    for (let turn = 0; turn < 10_000 && heard.length < 200; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    await transport.close(signal);

    expect(new Set(outcomes)).toEqual(new Set([undefined]));
    expect(heard).toEqual(numbered(200).map(String));
  });

  it('are kept where there is no socket, and sent once there is', async () => {
    const transport = await openUnixTransport(path.join(folder, 's'));
    expect(await transport.send(numbered(2), signal)).toMatchObject([
      { kind: 'unreachable' },
      { kind: 'unreachable' },
    ]);
    expect(await transport.check(signal)).toMatchObject({ state: 'down' });

    listen();
    expect(await transport.check(signal)).toEqual({ state: 'up' });
    expect(await transport.send(numbered(2), signal)).toEqual([undefined, undefined]);
    await transport.close(signal);
  });

  it('are not sent once the signal has aborted', async () => {
    listen();
    const transport = await openUnixTransport(path.join(folder, 's'));

    const outcomes = await transport.send(numbered(2), AbortSignal.abort());
    await transport.close(signal);

    expect(outcomes).toMatchObject([{ kind: 'timeout' }, { kind: 'timeout' }]);
    expect(heard).toEqual([]);
  });
});
