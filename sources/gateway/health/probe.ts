/** One look at an upstream, over a connection of its own: what it finds must not hang on what calls left behind. */
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import { type Clock, millis } from '#source';
import type { Upstream } from '../../shared/relay/decision.ts';
import { connectTo } from '../../shared/relay/upstream/connect.ts';
import { failureOf } from '../../shared/relay/upstream/failure.ts';
import { type HttpProbe, hasStatus, type Probe, type Sight, type TcpProbe } from './check.ts';

/** What came of a probe in time: the status of an answer, 200 where a TCP service did as expected. */
type Found = { readonly status: number } | { readonly failure: string };

/** Never rejects. */
export async function look(
  probe: Probe,
  { timeout, clock }: { readonly timeout: number; readonly clock: Clock },
): Promise<Sight> {
  const at = clock.now();
  const started = clock.elapsed();
  const found = await inTime(probe, timeout, clock);
  const sight = { at, took: clock.elapsed() - started };
  if ('failure' in found) return { ...sight, status: undefined, failure: found.failure };
  const { status } = found;
  const isFine = probe.kind === 'tcp' || hasStatus(probe.passes, status);
  return { ...sight, status, failure: isFine ? undefined : `it answered with ${status}` };
}

async function inTime(probe: Probe, timeout: number, clock: Clock): Promise<Found> {
  const opened: { socket?: Socket; isLate: boolean } = { isLate: false };
  const isLate = (): boolean => opened.isLate;
  const callOff = clock.after(millis(timeout), () => {
    opened.isLate = true;
    opened.socket?.destroy();
  });
  const late = { failure: `it did not answer within ${timeout / 1000} s` };
  try {
    const upstream: Upstream = { ...probe.upstream, connectTimeout: timeout };
    const alpn = upstream.http2 === 'prior-knowledge' ? ['h2'] : ['http/1.1'];
    const socket = await connectTo(upstream, { clock, memory: { session: undefined }, alpn });
    opened.socket = socket;
    if (isLate()) return late;
    if (probe.kind === 'tcp') {
      const found = await converse(probe, socket);
      return isLate() ? late : found;
    }
    const status = await (upstream.http2 === 'prior-knowledge' ? askHttp2 : askHttp1)(
      probe,
      socket,
    );
    return { status };
  } catch (error) {
    return isLate() ? late : { failure: failureOf(error, probe.upstream).words };
  } finally {
    callOff();
    opened.socket?.destroy();
  }
}

/** The status alone: the body is not read, and a redirect is not followed, for it leads to whom nobody named. */
const askHttp1 = (probe: HttpProbe, socket: Socket): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request({
      ...{ method: probe.method, path: probe.target, createConnection: () => socket },
      headers: [...probe.headers, ...lengthOf(probe), 'Connection', 'close'],
    });
    asked.on('error', reject);
    asked.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    asked.once('response', (answer) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.end(Buffer.from(probe.body, 'base64'));
  });

const askHttp2 = (probe: HttpProbe, socket: Socket): Promise<number> =>
  new Promise((resolve, reject) => {
    const session = connectHttp2('http://localhost', { createConnection: () => socket });
    session.on('error', reject);
    const headers: Record<string, string> = {};
    let authority = '';
    for (let i = 0; i + 1 < probe.headers.length; i += 2) {
      const name = probe.headers[i]?.toLowerCase() ?? '';
      if (name === 'host') authority = probe.headers[i + 1] ?? '';
      else headers[name] = probe.headers[i + 1] ?? '';
    }
    const isBare = probe.body === '';
    const stream = session.request(
      {
        ...headers,
        ...{ ':method': probe.method, ':path': probe.target, ':authority': authority },
        ':scheme': 'http',
      },
      { endStream: isBare },
    );
    stream.on('error', reject);
    stream.once('close', () => {
      session.destroy();
      reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    });
    stream.once('response', (answer) => {
      resolve(answer[':status'] ?? 0);
      stream.close();
    });
    if (!isBare) stream.end(Buffer.from(probe.body, 'base64'));
  });

const lengthOf = ({ body, method }: HttpProbe): readonly string[] =>
  body === '' && ['GET', 'HEAD'].includes(method)
    ? []
    : ['Content-Length', String(Buffer.byteLength(body, 'base64'))];

/** One command after the other; what is expected must come first and byte for byte. */
async function converse({ commands }: TcpProbe, socket: Socket): Promise<Found> {
  for (const { does, text } of commands) {
    if (does === 'send') socket.write(text);
    else if (!(await comes(socket, Buffer.from(text))))
      return { failure: 'it did not say what was expected' };
  }
  return { status: 200 };
}

const comes = (socket: Socket, expected: Buffer): Promise<boolean> =>
  new Promise((resolve, reject) => {
    let said: Buffer = Buffer.alloc(0);
    const end = (isSaid: boolean): void => {
      socket.removeListener('readable', onReadable).removeListener('close', onClose);
      resolve(isSaid);
    };
    const onClose = (): void => end(false);
    const onReadable = (): void => {
      for (
        let part = socket.read() as Buffer | null;
        part !== null;
        part = socket.read() as Buffer | null
      )
        said = Buffer.concat([said, part]);
      const got = said.subarray(0, expected.length);
      if (!expected.subarray(0, got.length).equals(got)) end(false);
      else if (said.length >= expected.length) {
        const rest = said.subarray(expected.length);
        end(true);
        if (rest.length > 0) socket.unshift(rest);
      }
    };
    socket.once('error', reject);
    socket.on('readable', onReadable).on('close', onClose);
    if (socket.destroyed) end(false);
    else onReadable();
  });
