/** The whole source over real programs: attach while they run, see, lose the loader, detach. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { needProgram } from '../../test/services/debian.ts';
import { needEbpfLoader } from '../../test/services/ebpf.ts';
import { startNginx } from '../../test/services/nginx.ts';
import { freePort, launch, until, whyUnavailable } from '../../test/services/process.ts';
import { type EbpfUnderTest, startEbpf, textOf } from './ebpf.testing.ts';

const run = promisify(execFile);
const noLoader = await whyUnavailable(needEbpfLoader);
const noNginx = await whyUnavailable(() => needProgram('nginx', ['nginx']));
const noCurl = await whyUnavailable(() => needProgram('curl', ['curl']));

let folder: string;
let tls: { readonly key: string; readonly cert: string };
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-ebpf-'));
  const made = await makeCertificates({ names: ['localhost'] });
  tls = { key: path.join(folder, 'key.pem'), cert: path.join(folder, 'cert.pem') };
  await writeFile(tls.key, made.key);
  await writeFile(tls.cert, made.cert);
});
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function watching(raw: Readonly<Record<string, unknown>>): Promise<EbpfUnderTest> {
  const source = await startEbpf({ loader: [await needEbpfLoader()], look_every: '200ms', ...raw });
  cleanups.push(() => source.stop());
  return source;
}

/** nginx with TLS in front of plain HTTP of its own. */
async function startSecured(): Promise<{ port: number; pid: number }> {
  const port = await freePort();
  const nginx = await startNginx({
    server: `location / { return 200 "hello $request_uri"; }`,
    http: `server { listen 127.0.0.1:${port} ssl http2; ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};
      location / { add_header X-Seen yes; return 200 "secured $request_uri"; } }`,
  });
  cleanups.push(() => nginx.stop());
  return { port, pid: nginx.pid };
}

const curl = async (...args: readonly string[]): Promise<string> =>
  (await run('curl', ['--silent', '--insecure', '--http1.1', ...args])).stdout;

describe.skipIf(noLoader !== undefined || noNginx !== undefined || noCurl !== undefined)(
  'looking into the TLS of programs that run',
  () => {
    it('records what nginx answers, from the moment at which it is watched', async () => {
      const { port, pid } = await startSecured();
      const url = `https://127.0.0.1:${port}`;
      await curl(`${url}/before`);
      const source = await watching({ watch: [String(pid)] });
      expect(await curl('-H', 'X-Trace: 7', '--data', 'a=1', `${url}/after?x=1`)).toBe(
        'secured /after?x=1',
      );
      await until('the call is recorded', () => source.exchanges.length === 1);
      const [exchange] = source.exchanges;
      expect(exchange).toMatchObject({
        ...{ source: 'ebpf', direction: 'in', scheme: 'https', error: undefined },
        server: { address: '127.0.0.1', port },
        request: { method: 'POST', target: '/after?x=1', host: `127.0.0.1:${port}` },
        response: { status: 200, reason: 'OK' },
        call: { apiId: 'nginx', tags: ['cap-process-nginx', `cap-pid-${pid}`] },
      });
      expect(exchange?.request.rawHeaders).toContain('X-Trace');
      expect(textOf(exchange?.request.body)).toBe('a=1');
      expect(textOf(exchange?.response?.body)).toBe('secured /after?x=1');
      await source.stop();
      expect(source.reports.at(-1)?.verdicts).toMatchObject([{ kind: 'seen', severity: 'ok' }]);
      expect(Math.abs((exchange?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('sees what a program asks of others, while it never saw its key or its certificate', async () => {
      const { port } = await startSecured();
      const script = path.join(folder, 'client.mjs');
      await writeFile(
        script,
        `import { get } from 'node:https';
process.stdout.write('ready\\n');
process.on('SIGUSR2', () => get({ host: '127.0.0.1', port: ${port}, path: '/out', rejectUnauthorized: false }, (answer) => answer.resume()));
setInterval(() => undefined, 1000);`,
      );
      const client = launch(process.execPath, [script]);
      cleanups.push(() => client.kill9());
      await until('the client is there', () => client.output().includes('ready'));
      const source = await watching({ watch: [String(client.pid)] });
      process.kill(client.pid, 'SIGUSR2');
      await until('the call is recorded', () => source.exchanges.length === 1);
      expect(source.exchanges[0]).toMatchObject({
        direction: 'out',
        server: { address: '127.0.0.1', port },
        request: { method: 'GET', target: '/out' },
        response: { status: 200 },
      });
      expect(textOf(source.exchanges[0]?.response?.body)).toBe('secured /out');
    });

    it('finds processes that start later by the path of their program', async () => {
      const source = await watching({ watch: ['/usr/sbin/nginx'] });
      const { port, pid } = await startSecured();
      await until('it is watched', () =>
        source.log.lines.some(
          ({ fields, message }) => message === 'A process is watched.' && fields['pid'] === pid,
        ),
      );
      await curl(`https://127.0.0.1:${port}/late`);
      await until('the call is recorded', () =>
        source.exchanges.some((one) => one.request.target === '/late'),
      );
      expect(
        source.metrics.gauges.get('sluice_capture_ebpf_processes ebpf watched'),
      ).toBeGreaterThan(0);
    });

    it('sees all of 2,000 calls on 16 connections, each whole and at its own', async () => {
      const { port, pid } = await startSecured();
      const source = await watching({ watch: [String(pid)] });
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      cleanups.push(() => agent.destroy());
      const ports = new Map<string, number>();
      await Promise.all(
        Array.from({ length: 2000 }, async (_, index) => {
          const target = `/n/${index}`;
          ports.set(target, await localPortOf(port, target, agent));
        }),
      );
      await until('all are recorded', () => source.exchanges.length >= 2000);
      const seen = source.exchanges.map(
        ({ request: { target }, client }) => [target, client.port] as const,
      );
      expect(new Map(seen)).toEqual(ports);
      expect(
        source.exchanges.every(
          (one) => textOf(one.response?.body) === `secured ${one.request.target}`,
        ),
      ).toBe(true);
    });

    it('is back when its loader was killed, and the program served on', async () => {
      const { port, pid } = await startSecured();
      const source = await watching({ watch: [String(pid)] });
      const loader = await loaderPid();
      process.kill(loader, 'SIGKILL');
      await until('the log says so', () =>
        source.log
          .warnings()
          .includes('The loader of eBPF is gone: nothing is seen until it is back.'),
      );
      expect(await curl(`https://127.0.0.1:${port}/unseen`)).toBe('secured /unseen');
      await until('it is back', () =>
        source.log.lines.some(({ message }) => message === 'The loader of eBPF is back.'),
      );
      await curl(`https://127.0.0.1:${port}/seen-again`);
      await until('the call is recorded', () => source.exchanges.length > 0);
      expect(source.exchanges.map((one) => one.request.target)).toEqual(['/seen-again']);
      expect(source.metrics.of('sluice_capture_ebpf_loader_restarts_total', 'ebpf')).toBe(1);
    });

    it('leaves no loader behind that was being started again at the stop', async () => {
      const { pid } = await startSecured();
      const slow = ['sh', '-c', `sleep 2; exec ${await needEbpfLoader()}`];
      const source = await watching({ watch: [String(pid)], loader: slow });
      process.kill(await loaderPid(), 'SIGKILL');
      await until('another one is being started', async () => (await children()).includes('sh'));
      await source.stop();
      expect(await children()).not.toMatch(/\bsh\b|sluice-ebpf/);
    });

    it('does not start without a loader, or with one that is none', async () => {
      await expect(startEbpf({ watch: ['1'], loader: ['/no/such/loader'] })).rejects.toThrow(
        /loader of eBPF cannot work.*ENOENT/,
      );
      await expect(startEbpf({ watch: ['1'], loader: ['echo', 'this is none'] })).rejects.toThrow(
        /A frame of \d+ bytes is none of the loader/,
      );
    });

    it('does not take HTTP/2 for something else', async () => {
      const { port, pid } = await startSecured();
      const source = await watching({ watch: [String(pid)] });
      const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
      const stream = session.request({ ':path': '/two' });
      await new Promise((resolve) => stream.resume().on('close', resolve));
      session.close();
      await curl(`https://127.0.0.1:${port}/one`);
      await until('the other is recorded', () =>
        source.exchanges.some((one) => one.request.target === '/one'),
      );
      expect(
        source.exchanges.map((one) => one.request.target).filter((target) => target !== '/two'),
      ).toEqual(['/one']);
    });
  },
);

const localPortOf = (port: number, target: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: target, agent, rejectUnauthorized: false },
      (answer) => {
        const { localPort = 0 } = answer.socket;
        answer.resume().on('end', () => resolve(localPort));
      },
    );
    asked.on('error', reject);
    asked.end();
  });

/** Pids and names, line by line. */
const children = async (): Promise<string> =>
  (await run('ps', ['-o', 'pid=,comm=', '--ppid', String(process.pid)])).stdout;

/** The only child of this process that is a loader. */
async function loaderPid(): Promise<number> {
  const line = (await children()).split('\n').find((one) => one.includes('sluice-ebpf')) ?? '';
  const pid = Number(line.trim().split(' ')[0]);
  await readFile(`/proc/${pid}/stat`);
  return pid;
}
