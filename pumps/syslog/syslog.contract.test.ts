import { createSocket } from 'node:dgram';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import syslog from './index.ts';
import { impatient, startReceiver } from './receiver.testing.ts';

describe('over UDP', () => {
  sinkContract(vitest, 'syslog', () => aDatagramHarness());
});

describe.each([
  ['newline', 'map'],
  ['octet-counting', 'rfc5424'],
])('over TCP with %s and %s', (framing, format) => {
  sinkContract(vitest, 'syslog', () => aStreamHarness({ format, framing, transport: 'tcp' }));
});

describe('over TLS', () => {
  let certificates: Certificates;

  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterAll(() => rm(path.dirname(certificates.caFile), { recursive: true }));

  sinkContract(vitest, 'syslog', () => {
    const { caFile: ssl_ca_file, certFile: ssl_cert_file, keyFile: ssl_key_file } = certificates;
    const files = { ssl_ca_file, ssl_cert_file, ssl_key_file };
    return aStreamHarness({ transport: 'tls', format: 'json', ...files }, certificates);
  });
});

async function aDatagramHarness(): Promise<SinkHarness> {
  const received: string[] = [];
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  socket.on('message', (message) => received.push(message.toString('utf8')));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    pump: aPreparedPump(syslog, { network_addr: `127.0.0.1:${socket.address().port}` }),
    cannotKnow: ['receipt', 'outage'],
    received: () => Promise.resolve(received),
    break: () => Promise.resolve(),
    restore: () => Promise.resolve(),
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** A receiver that hangs is no case of its own: its system takes what is sent, up to its buffers. */
async function aStreamHarness(meta: object, certificates?: Certificates): Promise<SinkHarness> {
  const connections: Buffer[][] = [];
  const receiver = await startReceiver(
    (socket: Socket) => {
      const chunks: Buffer[] = [];
      connections.push(chunks);
      socket.on('data', (chunk) => chunks.push(chunk));
    },
    certificates === undefined ? undefined : { ...certificates, requestCert: true },
  );
  return {
    context: impatient,
    pump: aPreparedPump(syslog, { network_addr: `127.0.0.1:${receiver.port}`, ...meta }),
    received: async () => {
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      return connections.flatMap((chunks) => messagesIn(Buffer.concat(chunks).toString('utf8')));
    },
    break: () => receiver.close(),
    restore: () => receiver.listen(),
    stop: () => receiver.close(),
  };
}

/** Each begins with its priority, whatever separates them. */
const messagesIn = (stream: string): readonly string[] => stream.split(/(?=<0>)/);
