import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { ScriptedConnection } from '../../../sources/packets/connection.testing.ts';
import { type Frame, pcap } from '../../../sources/packets/frames.testing.ts';
import { jsonBody } from '../body.ts';

export interface Traffic {
  readonly connections: number;
  readonly callsEach: number;
  /** The last request of each connection waits for its answer. */
  readonly leavesOpen: boolean;
}

/** A call of about 1 KB: what wrk asks and what a service answers. */
const answer = (): string => {
  const head =
    'HTTP/1.1 200 OK\r\nServer: shop\r\nDate: Tue, 01 Dec 2026 10:00:00 GMT\r\nContent-Type: application/json\r\n';
  const body = jsonBody(700);
  return `${head}Content-Length: ${body.length}\r\nConnection: keep-alive\r\n\r\n${body}`;
};

const request = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: load/1\r\nAccept: application/json\r\nX-Request-Id: 7c9e6679\r\n\r\n`;

/** Writes a pcap of calls over connections that take turns, each packet confirmed. Gives how many calls are whole. */
export async function writeTraffic(
  path: string,
  { connections, callsEach, leavesOpen }: Traffic,
): Promise<number> {
  const reply = answer();
  const all = Array.from({ length: connections }, (_, index) => {
    const client = { address: `10.0.${index >> 12}.7`, port: 1024 + (index & 4095) };
    return new ScriptedConnection({ client, time: 1_796_119_200_000 + index * 0.01 }).open();
  });
  const out = createWriteStream(path);
  let isFirst = true;
  for (let call = 0; call < callsEach; call++) {
    const frames: Frame[] = [];
    for (const [index, connection] of all.entries()) {
      connection
        .say('client', request(`/orders/${call * connections + index}`))
        .say('server', reply);
      if (leavesOpen && call === callsEach - 1) connection.say('client', request('/open'));
      frames.push(...connection.frames.splice(0));
    }
    const bytes = pcap(frames);
    if (!out.write(isFirst ? bytes : bytes.subarray(24))) await once(out, 'drain');
    isFirst = false;
  }
  out.end();
  await once(out, 'close');
  return connections * callsEach;
}
