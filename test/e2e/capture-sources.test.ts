/** The built program with all of its proxies in one process, each asked by curl, and what the pump finds of it in Redis. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { msgpackDecoder } from '../../src/record/msgpack/decoder.ts';
import { makeCertificates } from '../services/certificates.ts';
import { needProgram } from '../services/debian.ts';
import { launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';

const run = promisify(execFile);
const unavailable =
  (await whyUnavailable(needRedis)) ?? (await whyUnavailable(() => needProgram('curl', ['curl'])));
const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const stopped = stoppedAfterEach();

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stopped({
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(resolve);
      });
    },
  });
  return (server.address() as AddressInfo).port;
}

const curl = async (...args: readonly string[]): Promise<string> =>
  (await run('curl', ['--silent', '--show-error', '--noproxy', '', ...args])).stdout;

describe.skipIf(unavailable !== undefined)('gateway, forward and egress from one file', () => {
  it('let calls through and write a record of each, with what each source sees', async () => {
    const redis = stopped(await startRedis());
    const folder = await scratchFolder('sources');
    const { key, cert, caFile } = await makeCertificates({ names: ['localhost'] });
    const plain = await listen(
      createServer((request, answer) => answer.end(`plain ${request.url}`)),
    );
    const secured = await listen(
      createTlsServer({ key, cert }, (request, answer) => answer.end(`secured ${request.url}`)),
    );
    await writeFile(
      path.join(folder, 'entries.yaml'),
      `entries: [{hosts: [plain.example.com], resolution: STATIC, endpoints: [{address: 127.0.0.1}], ports: [{number: 80, protocol: HTTP, targetPort: ${plain}}]}]\n`,
    );
    const authority = path.join(folder, 'ca.pem');
    await run(process.execPath, [
      program,
      'ca',
      '--file',
      authority,
      '--export',
      `${authority}.crt`,
    ]);
    await writeFile(
      path.join(folder, 'capture.yaml'),
      `storage: {host: ${redis.host}, port: ${redis.port}}
record: {org_id: org-of-the-file}
sources:
  - {type: gateway, listen: "127.0.0.1:0", target: "http://127.0.0.1:${plain}"}
  - {type: forward, port: 0, mitm: true, ca_file: ${authority}, origin_ca_file: ${caFile}}
  - {type: egress, listen: "127.0.0.1:0", entries: [entries.yaml]}
`,
    );
    let output = '';
    const onOutput = (text: string): void => {
      output += text;
    };
    const args = [program, '--conf', 'capture.yaml'];
    const child = stopped(launch(process.execPath, args, { cwd: folder, onOutput }));
    const address = (type: string): string => {
      const line = output.split('\n').find((each) => new RegExp(`\\btype="?${type}\\b`).test(each));
      return /listens_at="?(http:[^"\s]+)/.exec(line ?? '')?.[1] ?? '';
    };
    await until('all have begun', () =>
      ['gateway', 'forward', 'egress'].every((type) => address(type) !== ''),
    );

    expect(await curl(`${address('gateway')}/by/gateway`)).toBe('plain /by/gateway');
    expect(await curl('-x', address('forward'), `http://localhost:${plain}/by/forward`)).toBe(
      'plain /by/forward',
    );
    const trusted = ['--cacert', `${authority}.crt`];
    expect(
      await curl('-x', address('forward'), ...trusted, `https://localhost:${secured}/by/mitm`),
    ).toBe('secured /by/mitm');
    expect(await curl('-x', address('egress'), 'http://plain.example.com/by/egress')).toBe(
      'plain /by/egress',
    );
    expect(await curl('-x', address('egress'), 'http://other.example.com/')).toMatch(
      /no entry has other\.example\.com/,
    );

    await until('all are written', async () => (await redis.client.llen(list)) >= 5);
    const elements = await redis.client.lrangeBuffer(list, 0, -1);
    const chunk = msgpackDecoder.decode(elements);
    const seen = elements.map((_, at) => {
      const record = chunk.record(at);
      return {
        path: record?.text('path'),
        code: record?.integer('response_code'),
        org: record?.text('org_id'),
        source: record?.list('tags')?.find((tag) => tag.startsWith('cap-source-')),
      };
    });
    const of = (source: string, wanted: string, code = 200) => ({
      ...{ path: wanted, code, org: 'org-of-the-file', source: `cap-source-${source}` },
    });
    expect(seen).toEqual(
      expect.arrayContaining([
        ...[of('gateway', '/by/gateway'), of('forward', '/by/forward'), of('forward', '/by/mitm')],
        ...[of('egress', '/by/egress'), of('egress', '/', 403)],
      ]),
    );
    await child.stop();
    expect(child.exit()?.code).toBe(0);
  });
});
