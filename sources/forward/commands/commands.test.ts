import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandKind } from '#source';
import { silentLog } from '../../../src/lib/log.ts';
import { exposition, goFloat } from '../bench/exposition.ts';
import { startForward } from '../forward.testing.ts';
import benchProxy from './bench-proxy.ts';
import ca from './ca.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-forward-commands-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function run(command: CommandKind, ...argv: readonly string[]) {
  let printed = '';
  const print = (text: string): void => {
    printed += text;
  };
  const code = await command.run(argv, { print, log: silentLog });
  return { code, printed };
}

describe('sluice capture ca', () => {
  it('makes an authority for its owner alone, says its fingerprint, and never overwrites one', async () => {
    const file = join(folder, 'ca.pem');
    const made = await run(ca, '--file', file, '--name', 'Ours', '--days', '10');
    expect(made.code).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const content = await readFile(file, 'utf8');
    const certificate = new X509Certificate(content);
    expect(certificate.subject).toBe('O=Sluice capture\nCN=Ours');
    expect(made.printed).toContain(certificate.fingerprint256);
    expect(made.printed).not.toContain('PRIVATE');
    const again = await run(ca, '--file', file, '--name', 'Others');
    expect(again).toMatchObject({ code: 0 });
    expect(again.printed).toContain('is there already');
    expect(await readFile(file, 'utf8')).toBe(content);
  });

  it('writes the certificate alone, and says how to trust it', async () => {
    const [file, exported] = [join(folder, 'ca.pem'), join(folder, 'ca.crt')];
    const { code, printed } = await run(ca, '--file', file, '--export', exported);
    expect(code).toBe(0);
    expect(await readFile(exported, 'utf8')).not.toContain('PRIVATE');
    for (const where of ['NODE_EXTRA_CA_CERTS', 'update-ca-certificates', 'certutil', 'keytool'])
      expect(printed).toContain(where);
    expect(await run(ca, '--file', file, '--export', exported)).toMatchObject({ code: 0 });
    await writeFile(exported, 'something else');
    const other = await run(ca, '--file', file, '--export', exported);
    expect(other).toMatchObject({ code: 1 });
    expect(other.printed).toContain('never overwritten');
  });

  it('constrains what it may vouch for, in OpenSSL’s own words', async () => {
    const file = join(folder, 'ca.pem');
    await run(ca, '--file', file, '--only', 'example.com,10.0.0.0/8');
    const args = ['x509', '-in', file, '-noout', '-ext', 'nameConstraints,basicConstraints'];
    const { stdout } = await promisify(execFile)('openssl', args);
    expect(stdout).toMatch(
      /Name Constraints: critical\s+Permitted:\s+DNS:example.com\s+IP:10.0.0.0\/255.0.0.0/,
    );
    expect(stdout).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(await run(ca, '--file', join(folder, 'b.pem'), '--only', 'a b')).toMatchObject({
      code: 1,
    });
  });

  it('shows none that others can read, and makes none where it cannot', async () => {
    const file = join(folder, 'ca.pem');
    await run(ca, '--file', file);
    await chmod(file, 0o644);
    const exposed = await run(ca, '--file', file);
    expect(exposed).toMatchObject({ code: 1 });
    expect(exposed.printed).toContain('others can read its key (mode 644): chmod 600');
    expect(await run(ca, '--file', join(folder, 'none', 'ca.pem'))).toMatchObject({ code: 1 });
  });
});

describe('sluice capture bench proxy', () => {
  it('prints what DataKit’s client prints', async () => {
    const proxy = await startForward();
    const file = join(folder, 'metric.data');
    await writeFile(file, 'cpu usage=1\n');
    try {
      const { code, printed } = await run(
        benchProxy,
        ...['-c', '2', '-r', '3', '-f', file, '-proxy', proxy.url],
      );
      expect(printed.replace(/ \d[\d.e-]*$/gm, ' N')).toBe(`Benchmark metrics:
# HELP api_elapsed_seconds Proxied API elapsed seconds
# TYPE api_elapsed_seconds gauge
api_elapsed_seconds N
# HELP api_latency_seconds Proxied API latency
# TYPE api_latency_seconds summary
api_latency_seconds{api="/v1/write/xxx",status="200 OK",quantile="0.5"} N
api_latency_seconds{api="/v1/write/xxx",status="200 OK",quantile="0.9"} N
api_latency_seconds{api="/v1/write/xxx",status="200 OK",quantile="0.99"} N
api_latency_seconds_sum{api="/v1/write/xxx",status="200 OK"} N
api_latency_seconds_count{api="/v1/write/xxx",status="200 OK"} N
# HELP api_post_bytes_total Proxied API post bytes total
# TYPE api_post_bytes_total counter
api_post_bytes_total{api="/v1/write/xxx",status="200 OK"} N
`);
      expect(printed).toContain('_count{api="/v1/write/xxx",status="200 OK"} 6\n');
      expect(printed).toContain('api_post_bytes_total{api="/v1/write/xxx",status="200 OK"} 72\n');
      expect(code).toBe(0);
      // Every client has a tunnel, which it keeps.
      expect(proxy.metrics.of('datakit_input_proxy_connect_total', '127.0.0.1')).toBe(2);
    } finally {
      await proxy.stop();
    }
  });

  it('writes numbers as Go does: the bytes of the run that DataKit publishes', () => {
    const seconds = Array.from({ length: 1600 }, () => 0.0025);
    const text = exposition({
      ...{ elapsedSeconds: 0.249329709, bodyBytes: 172_787, api: '/v1/write/xxx' },
      byStatus: new Map([['200 OK', seconds]]),
    });
    expect(text).toContain(
      'api_post_bytes_total{api="/v1/write/xxx",status="200 OK"} 2.764592e+08',
    );
    expect(text).toContain('api_elapsed_seconds 0.249329709');
    expect([0, 1, 999_999, 1e6, 0.0001, 0.00001, 1234567.5].map(goFloat)).toEqual([
      ...['0', '1', '999999', '1e+06', '0.0001', '1e-05', '1.2345675e+06'],
    ]);
  });

  it('fails in words where the proxy refuses, or is not there', async () => {
    const proxy = await startForward({ connect_ports: [443] });
    try {
      const refused = await run(benchProxy, '-c', '1', '-r', '1', '-proxy', proxy.url);
      expect(refused.code).toBe(1);
      expect(refused.printed).toContain('the proxy answered CONNECT with HTTP/1.1 403');
    } finally {
      await proxy.stop();
    }
    expect(await run(benchProxy, '-proxy', 'socks5://x')).toMatchObject({ code: 1 });
    expect(await run(benchProxy, '-x', '1')).toMatchObject({ code: 2 });
  });
});
