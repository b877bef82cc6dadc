import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { clientHello } from '../../shared/tls/client-hello.testing.ts';
import { ScriptedConnection } from '../connection.testing.ts';
import { type Frame, pcap } from '../frames.testing.ts';
import doctor from './doctor.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'doctor-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** The command, with a program in tcpdump's place that has seen these frames and goes on looking. */
async function looking(frames: readonly Frame[], ...flags: readonly string[]) {
  const program = path.join(folder, 'tcpdump');
  await writeFile(`${program}.pcap`, pcap(frames));
  await writeFile(program, `#!/bin/sh\ncat "${program}.pcap"\nexec sleep 60\n`);
  await chmod(program, 0o755);
  let printed = '';
  const log = memoryLog();
  const code = await doctor.run(['--seconds', '1', '--tcpdump', program, ...flags], {
    print(text) {
      printed += text;
    },
    log,
  });
  return { code, printed, log };
}

const hello = async (): Promise<ScriptedConnection> =>
  new ScriptedConnection({ server: { address: '10.0.0.9', port: 443 } })
    .open()
    .say('client', await clientHello({ servername: 'shop.example' }))
    .close();

const call = (): ScriptedConnection =>
  new ScriptedConnection({ client: { address: '10.0.0.7', port: 50_001 } })
    .open()
    .say('client', 'GET /orders HTTP/1.1\r\nHost: shop.example\r\n\r\n')
    .say('server', 'HTTP/1.1 204 No Content\r\n\r\n')
    .close();

it('says for each port why calls are seen, or are not, and what to do', async () => {
  const { code, printed } = await looking([...(await hello()).frames, ...call().frames]);

  expect(printed).toMatch(/^Looking at any for 1 s/);
  expect(printed).toContain('✗ Port 443: 1 TLS handshakes, 0 HTTP requests: encrypted.');
  expect(printed).toContain('1 TLS handshakes for shop.example (1)');
  expect(printed).toContain('    → Where a load balancer ends TLS');
  expect(printed).toContain('✓ Port 80: 1 requests are seen.');
  expect(code).toBe(1);
});

it('ends with 0 where there is nothing to mend, and speaks JSON', async () => {
  const { code, printed, log } = await looking(call().frames, '--json');

  const report = JSON.parse(printed) as { readonly verdicts: readonly { readonly kind: string }[] };
  expect(report.verdicts[0]?.kind).toBe('seen');
  expect(code).toBe(0);
  expect(log.lines.filter(({ level }) => level !== 'warn')).toEqual([]);
});

it('says that there was nothing to see', async () => {
  const { code, printed } = await looking([]);

  expect(printed).toContain('✗ No packet was seen on any in 1 s.');
  expect(code).toBe(1);
});

it('says why it cannot look', async () => {
  const { code, printed } = await looking([], '--tcpdump', path.join(folder, 'none'));

  expect(printed).toMatch(/ENOENT|not be started|cannot/);
  expect(code).toBe(1);
});
