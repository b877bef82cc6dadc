/**
 * Speedscale's article, as its reader would try it: programs run and speak TLS; one command sees them, one switch each shows what they
 * say, in both directions; another takes it away again. No program is started again, and none misses a beat.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { msgpackDecoder } from '../../src/record/msgpack/decoder.ts';
import { makeCertificates } from '../services/certificates.ts';
import { needProgram } from '../services/debian.ts';
import { needEbpfLoader } from '../services/ebpf.ts';
import { needNginx, startNginx } from '../services/nginx.ts';
import {
  type Child,
  freePort,
  launch,
  scratchFolder,
  until,
  whyUnavailable,
} from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';
const unavailable = await whyUnavailable(() =>
  Promise.all([
    ...[needEbpfLoader(), needNginx(), needRedis()],
    ...[needProgram('curl', ['curl']), needProgram('python3', ['python3'])],
  ]),
);
const stopped = stoppedAfterEach();

interface Program {
  readonly name: string;
  readonly pid: number;
  /** When it began: another process would have another. */
  readonly start: string;
}

async function programOf(name: string, pid: number): Promise<Program> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return { name, pid, start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
}

const pythonClient = (url: string): string => `
import ssl, sys, time, urllib.parse
try:
    import requests, urllib3
    urllib3.disable_warnings()
    session = requests.Session()
    ask = lambda: session.get("${url}/by/python", verify=False).status_code
except ImportError:
    import http.client
    where = urllib.parse.urlsplit("${url}")
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(where.hostname, where.port, context=context)
    def ask():
        connection.request("GET", "/by/python")
        answer = connection.getresponse()
        answer.read()
        return answer.status
while True:
    print(ask(), flush=True)
    time.sleep(0.1)
`;

/** A server of its own, which asks nginx for each request of its own timer. */
const nodeProgram = (
  url: string,
  port: number,
  tls: { keyFile: string; certFile: string },
): string => `
import { readFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:https';
const agent = new Agent({ keepAlive: true });
const options = { agent, rejectUnauthorized: false };
const ask = (target, done) => get(target, options, (answer) => answer.resume().on('end', () => done(answer.statusCode)));
createServer({ key: readFileSync('${tls.keyFile}'), cert: readFileSync('${tls.certFile}') }, (request, response) =>
  ask('${url}/by/node', (status) => response.end('node has ' + status))).listen(${port}, '127.0.0.1');
setInterval(() => ask('https://127.0.0.1:${port}/of/node', (status) => console.log(status)), 100);
`;

/** nginx, Node, Python and curl, which have spoken already. */
async function startPrograms() {
  const tls = await makeCertificates();
  const dir = await scratchFolder('programs');
  const [port, nodePort] = [await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  const nginx = stopped(
    await startNginx({
      server: 'location / { return 204; }',
      http: `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${tls.certFile}; ssl_certificate_key ${tls.keyFile}; access_log off;
        location / { return 200 "hello $request_uri"; } }`,
    }),
  );
  await writeFile(path.join(dir, 'app.mjs'), nodeProgram(url, nodePort, tls));
  await writeFile(path.join(dir, 'client.py'), pythonClient(url));
  const outputs = new Map<string, string>();
  const start = (name: string, command: string, argv: readonly string[]): Child =>
    stopped(
      launch(command, argv, {
        onOutput: (text) => outputs.set(name, (outputs.get(name) ?? '') + text),
      }),
    );
  const children = {
    node: start('node', process.execPath, [path.join(dir, 'app.mjs')]),
    python3: start('python3', 'python3', [path.join(dir, 'client.py')]),
    // One curl that goes on asking: it is there long enough for somebody to switch it on.
    curl: start('curl', 'curl', [
      ...['--silent', '--insecure', '--http1.1', '--rate', '600/m', '--output', '/dev/null'],
      ...['--write-out', '%{stderr}%{http_code}\\n', `${url}/by/curl?[1-5000]`],
    ]),
  };
  await until('all have spoken', () =>
    [...Object.keys(children)].every((name) => (outputs.get(name) ?? '').includes('200')),
  );
  const programs = await Promise.all([
    programOf('nginx', nginx.pid),
    ...Object.entries(children).map(([name, { pid }]) => programOf(name, pid)),
  ]);
  return {
    programs,
    /** What their requests were answered with, each once. */
    answers: () => [...new Set([...outputs.values()].join('').trim().split(/\s+/))],
    count: () => [...outputs.values()].join('').length,
  };
}

async function startCapture(redis: RedisServer) {
  const dir = await scratchFolder('capture');
  const conf = path.join(dir, 'capture.yaml');
  await writeFile(
    conf,
    `storage: {host: ${redis.host}, port: ${redis.port}}
admin: {listen: "127.0.0.1:0"}
sources: [{type: ebpf, switchable: true, look_every: 200ms, loader: ["${await needEbpfLoader()}"]}]
`,
  );
  let said = '';
  const onOutput = (text: string): void => {
    said += text;
  };
  const child = stopped(launch(process.execPath, [main, 'capture', '--conf', conf], { onOutput }));
  await until('it has begun', () => /A source has begun/.test(said) || !child.isRunning());
  const at = /address="?([\d.]+:\d+)/.exec(said)?.[1] ?? said;
  return {
    pid: child.pid,
    workloads: async (...words: readonly string[]): Promise<string> =>
      (await run(process.execPath, [main, 'capture', 'workloads', '--at', at, ...words])).stdout,
    async page(): Promise<readonly Sent[]> {
      const answer = await fetch(`http://${at}/api/workloads`);
      const { sources } = (await answer.json()) as { sources: { workloads: Sent[] }[] };
      return sources[0]?.workloads ?? [];
    },
  };
}

interface Sent {
  readonly id: string;
  readonly pid: number;
  readonly state: string;
  readonly calls?: { readonly in: number; readonly out: number };
}

/** `nginx in /by/node`, each once. */
async function recorded({ client }: RedisServer): Promise<ReadonlySet<string>> {
  const elements = await client.lrangeBuffer(list, 0, -1);
  const chunk = msgpackDecoder.decode(elements);
  return new Set(
    elements.map((_, index) => {
      const record = chunk.record(index);
      const direction = record?.list('tags')?.find((tag) => tag.startsWith('cap-dir-'));
      return `${record?.text('api_name')} ${direction?.slice(8)} ${record?.text('path')}`;
    }),
  );
}

/** The kernel’s ends of probes that a process holds. */
async function probesOf(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all(
    (await readdir(folder)).map((fd) => readlink(path.join(folder, fd)).catch(() => '')),
  );
  return links.filter((link) => /perf_event|bpf_link|bpf-link/.test(link)).length;
}

const childOf = async (pid: number): Promise<number> =>
  Number((await run('pgrep', ['-P', String(pid), 'sluice-ebpf'])).stdout.trim());

describe.skipIf(unavailable !== undefined)('looking into programs that run', () => {
  it('sees nginx, Node, Python and curl once they are switched on, and leaves them as they were', async () => {
    const { programs, answers, count } = await startPrograms();
    const redis = stopped(await startRedis());
    const capture = await startCapture(redis);
    const ids = programs.map(({ pid, start }) => `${pid}-${start}`);
    const stateOf = async (): Promise<readonly string[]> => {
      const page = await capture.page();
      return ids.map((id) => page.find((one) => one.id === id)?.state ?? 'none');
    };
    expect(await stateOf()).toEqual(['off', 'off', 'off', 'off']);
    expect(await capture.workloads()).toMatch(/nginx .*off/);
    await delay(500);
    expect(await redis.client.llen(list)).toBe(0);

    for (const id of ids) expect(await capture.workloads('on', id)).toMatch(/watched/);
    const wanted = [
      ...['nginx in /by/node', 'nginx in /by/python', 'nginx in /by/curl'],
      ...['node out /by/node', 'node in /of/node', 'python3 out /by/python', 'curl out /by/curl'],
    ];
    await until('all are seen, in both directions', async () => {
      const seen = await recorded(redis);
      return wanted.every((one) => seen.has(one));
    });
    const loader = await childOf(capture.pid);
    expect(await probesOf(loader)).toBeGreaterThan(8);

    process.kill(loader, 'SIGKILL');
    await until('another loader watches the same ones', async () => {
      const now = await childOf(capture.pid).catch(() => loader);
      return now !== loader && (await stateOf()).every((state) => state === 'watched');
    });
    await redis.client.del(list);
    await until('all are seen again', async () => {
      const seen = await recorded(redis);
      return wanted.every((one) => seen.has(one));
    });

    for (const id of ids) expect(await capture.workloads('off', id)).toMatch(/switched off/);
    expect(await probesOf(await childOf(capture.pid))).toBe(0);
    // What was written last is on its way for as long as `record.flush` says.
    await delay(500);
    const [before, spoken] = [await redis.client.llen(list), count()];
    await until('all go on', () => count() > spoken + 40);
    expect(await redis.client.llen(list)).toBe(before);

    const now = await Promise.all(programs.map(({ name, pid }) => programOf(name, pid)));
    expect(now).toEqual(programs);
    expect(answers()).toEqual(['200']);
  });
});
