/** The real loader in a real kernel, and programs as people have them: Node, nginx, Python, and what is not visible. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '#source';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { needProgram } from '../../../test/services/debian.ts';
import { needEbpfLoader, needSetcap } from '../../../test/services/ebpf.ts';
import { startNginx } from '../../../test/services/nginx.ts';
import {
  type Child,
  freePort,
  launch,
  until,
  whyUnavailable,
} from '../../../test/services/process.ts';
import { keptPiece, type Piece } from './frames.ts';
import { type Loader, type LoaderHandler, startLoader } from './loader.ts';

const noLoader = await whyUnavailable(needEbpfLoader);
const noNginx = await whyUnavailable(() => needProgram('nginx', ['nginx']));
const noSetcap = await whyUnavailable(needSetcap);
const noPython = await whyUnavailable(() => needProgram('python3', ['python3']));

const run = promisify(execFile);

let folder: string;
let files: { readonly key: string; readonly cert: string };
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-ebpf-'));
  const made = await makeCertificates({ names: ['localhost'] });
  files = { key: path.join(folder, 'key.pem'), cert: path.join(folder, 'cert.pem') };
  await writeFile(files.key, made.key);
  await writeFile(files.cert, made.cert);
});

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The loader, and all that it says. */
async function started(): Promise<{ loader: Loader; seen: Seen }> {
  const seen = new Seen();
  const loader = await startLoader([await needEbpfLoader()], seen);
  cleanups.push(() => loader.stop());
  return { loader, seen };
}

class Seen implements LoaderHandler {
  readonly pieces: Piece[] = [];
  readonly ends: string[] = [];
  readonly problems: string[] = [];
  lost = 0;
  calls = 0;
  piece(piece: Piece): void {
    this.pieces.push(keptPiece(piece));
  }
  statistics({ lost, faults, calls }: { lost: number; faults: number; calls: number }): void {
    this.lost = lost + faults;
    this.calls = calls;
  }
  ended(pid: number, _start: number, reason: string): void {
    this.ends.push(`${pid}: ${reason}`);
  }
  problem(words: string): void {
    this.problems.push(words);
  }
  gone(reason: string): void {
    this.ends.push(reason);
  }

  /** What one direction of each connection had, in the order in which they were first seen. Throws at a hole. */
  streams(direction: Piece['direction']): readonly Buffer[] {
    const streams = new Map<string, Buffer[]>();
    for (const piece of this.pieces) {
      if (piece.kind !== 'data' || piece.direction !== direction) continue;
      const parts = streams.get(piece.connection) ?? [];
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      if (piece.offset !== length) throw new Error(`a hole at ${length}: ${piece.offset}`);
      streams.set(piece.connection, [...parts, piece.bytes]);
    }
    return [...streams.values()].map((parts) => Buffer.concat(parts));
  }
}

async function watch(loader: Loader, pid: number): Promise<readonly string[]> {
  const facts = (await loader.list()).find((one) => one.pid === pid);
  if (facts === undefined) throw new Error(`${pid} is not in the list`);
  const { libraries } = await loader.watch(pid, facts.start);
  return libraries.map(({ probes }) => probes);
}

/** A server of HTTPS in Node: answers with as many bytes as the path says, in one call. */
async function startNode(): Promise<{ child: Child; port: number }> {
  const port = await freePort();
  const script = path.join(folder, 'server.mjs');
  await writeFile(
    script,
    `import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
const options = { key: readFileSync(${JSON.stringify(files.key)}), cert: readFileSync(${JSON.stringify(files.cert)}) };
createServer(options, (request, response) => {
  const body = Buffer.alloc(Number(request.url.split('/')[1]), request.url);
  request.resume().on('end', () => response.end(body));
}).listen(${port}, '127.0.0.1', () => console.log('listens'));`,
  );
  const child = launch(process.execPath, [script]);
  await until('it is seen', () => child.output().includes('listens'));
  cleanups.push(() => child.stop());
  return { child, port };
}

interface Answer {
  readonly body: Buffer;
  readonly localPort: number;
}

function ask(port: number, target: string, agent: Agent, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: target,
        agent,
        method: body ? 'POST' : 'GET',
        rejectUnauthorized: false,
      },
      (response) => {
        const { localPort = 0 } = response.socket;
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ body: Buffer.concat(parts), localPort }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe.skipIf(noLoader !== undefined)('the loader of eBPF', () => {
  it('sees what a Node server reads and writes, byte for byte, though it ran before', async () => {
    const { child, port } = await startNode();
    const { loader, seen } = await started();
    expect(await watch(loader, child.pid)).toEqual(['cheap']);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    const upload = randomBytes(300_000);
    const first = await ask(port, '/80000/x', agent);
    await ask(port, '/10/y', agent, upload);
    await until('it is seen', () => seen.streams('write')[0]?.includes('/10/y/10/y') === true);
    const [read] = seen.streams('read');
    const [written] = seen.streams('write');
    expect(read?.toString('latin1')).toMatch(/^GET \/80000\/x HTTP\/1\.1\r\n/);
    expect(read?.includes(upload)).toBe(true);
    expect(written?.includes(first.body)).toBe(true);
    const known = seen.pieces.filter(({ remote }) => remote !== undefined);
    expect(new Set(known.map(({ local }) => local?.port))).toEqual(new Set([port]));
    expect(new Set(known.map(({ remote }) => remote?.port))).toEqual(new Set([first.localPort]));
  });

  it('knows which connection is whose, with 20 at a time', async () => {
    const { child, port } = await startNode();
    const { loader, seen } = await started();
    await watch(loader, child.pid);
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    cleanups.push(() => agent.destroy());
    const turns = Array.from({ length: 400 }, (_, index) => index);
    const ports = new Map<string, number>();
    await Promise.all(
      turns.map(async (turn) => {
        const target = `/100/turn-${turn}-`;
        ports.set(target, (await ask(port, target, agent)).localPort);
      }),
    );
    const requests = (): readonly (readonly [string, number | undefined])[] =>
      seen.pieces.flatMap(({ kind, direction, bytes, remote }) => {
        const [, target = ''] = /^GET (\S+) /.exec(bytes.toString('latin1', 0, 60)) ?? [];
        return kind === 'data' && direction === 'read' && target !== ''
          ? [[target, remote?.port] as const]
          : [];
      });
    await until('it is seen', () => requests().length === turns.length);
    expect(new Map(requests())).toEqual(ports);
  });

  it.skipIf(noNginx !== undefined)(
    'sees nginx at the function that serves both kinds of calls',
    async () => {
      const big = randomBytes(85_000).toString('hex');
      await writeFile(path.join(folder, 'big.txt'), big);
      const port = await freePort();
      const nginx = await startNginx({
        server: `location /ready { return 200; }`,
        http: `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${files.cert}; ssl_certificate_key ${files.key}; root ${folder}; }`,
      });
      cleanups.push(() => nginx.stop());
      const { loader, seen } = await started();
      // libssl of Debian: what has a symbol there begins with an instruction that is dear to probe.
      expect(await watch(loader, nginx.pid)).toEqual([process.arch === 'x64' ? 'inner' : 'cheap']);
      expect(seen.problems).toEqual([]);
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      cleanups.push(() => agent.destroy());
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => ask(port, '/big.txt', agent)),
      );
      expect(answers.every(({ body }) => body.toString() === big)).toBe(true);
      const count = (): number =>
        seen
          .streams('write')
          .reduce((sum, stream) => sum + stream.toString('latin1').split(big).length - 1, 0);
      await until('it is seen', () => count() === 60);
      await until('it is seen', () => seen.calls >= 120);
      expect(seen.lost).toBe(0);
    },
  );

  it.skipIf(noPython !== undefined)(
    'sees Python as a client, which calls the other functions',
    async () => {
      const { port } = await startNode();
      const script = `
import ssl, http.client, sys
context = ssl._create_unverified_context()
print("ready", flush=True)
sys.stdin.readline()
connection = http.client.HTTPSConnection("127.0.0.1", ${port}, context=context)
connection.request("GET", "/20/from-python")
print(connection.getresponse().read().decode(), flush=True)
sys.stdin.readline()`;
      const python = spawn('/usr/bin/python3', ['-c', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      cleanups.push(() => python.kill('SIGKILL'));
      await once(python.stdout, 'data');
      const { loader, seen } = await started();
      await watch(loader, python.pid ?? 0);
      python.stdin.write('go\n');
      await once(python.stdout, 'data');
      await until('it is seen', () => seen.streams('read').length > 0);
      expect(seen.streams('write')[0]?.toString('latin1')).toMatch(
        /^GET \/20\/from-python HTTP\/1\.1\r\n/,
      );
      expect(seen.streams('read')[0]?.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(seen.pieces[0]).toMatchObject({
        direction: 'write',
        remote: { address: '127.0.0.1', port },
      });
    },
  );

  it('says of each process what can be seen, and why others cannot be watched', async () => {
    const sleep = launch('sleep', ['60']);
    cleanups.push(() => sleep.kill9());
    const { loader } = await started();
    const list = await loader.list();
    const [own, other] = [process.pid, sleep.pid].map((pid) => list.find((one) => one.pid === pid));
    expect(own).toMatchObject({ parent: process.ppid, isReadable: true });
    expect(own?.libraries).toContain(own?.program);
    expect(other).toMatchObject({ name: 'sleep', libraries: [], unseen: [] });
    await expect(loader.watch(sleep.pid, other?.start ?? 0)).rejects.toThrow(
      /no library that can be probed/,
    );
    await expect(loader.watch(process.pid, 1)).rejects.toThrow('it has ended');
  });

  it.skipIf(noSetcap !== undefined || noNginx !== undefined)(
    'says which right it lacks, and works with four of them',
    async () => {
      const nginx = await startNginx({ server: 'return 200;' });
      cleanups.push(() => nginx.stop());
      const loader = await copyForOthers();
      const watchedWith = async (rights: string): Promise<string> => {
        await run('setcap', [`${rights}+ep`, loader]);
        const seen = new Seen();
        const started_ = await startLoader(
          ['setpriv', '--reuid=65533', '--clear-groups', loader],
          seen,
        );
        cleanups.push(() => started_.stop());
        const said = await started_.watch(nginx.pid, 0).then(
          ({ libraries }) => libraries.map(({ probes }) => probes).join(),
          (error: unknown) => explain(error),
        );
        return [said, ...seen.problems].join('; ');
      };
      expect(await watchedWith('cap_sys_admin')).toMatch(/CAP_SYS_PTRACE/);
      expect(await watchedWith('cap_bpf,cap_perfmon,cap_sys_ptrace')).toMatch(/CAP_SYS_ADMIN/);
      if (process.arch !== 'x64') return;
      expect(await watchedWith('cap_sys_admin,cap_sys_ptrace')).toMatch(
        /^dear; .*the self-test kept its rights/,
      );
      expect(await watchedWith('cap_sys_admin,cap_sys_ptrace,cap_setuid,cap_setgid')).toBe('inner');
    },
  );

  it.each([
    ['without rights', ['setpriv', '--reuid=65534', '--clear-groups'], /CAP_SYS_ADMIN \(or root\)/],
    [
      'among processes of a container alone',
      ['unshare', '--fork', '--pid', '--mount-proc'],
      /would watch the wrong processes\. .*--pid=host/,
    ],
  ])('does not begin %s, and says why', async (_where, how, expected) => {
    const starting = startLoader([...how, await copyForOthers()], new Seen());
    await expect(starting).rejects.toThrow(expected);
  });

  it('sees nothing more once it is told so, and says when a process ends', async () => {
    const { child, port } = await startNode();
    const { loader, seen } = await started();
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    await watch(loader, child.pid);
    await ask(port, '/5/one', agent);
    await until('it is seen', () => seen.streams('write').length > 0);
    await loader.unwatch(child.pid);
    await until('it is seen', () => seen.ends.length === 1);
    const before = seen.pieces.length;
    await ask(port, '/5/two', agent);
    await watch(loader, child.pid);
    await ask(port, '/5/three', agent);
    await until('it is seen', () => seen.pieces.length > before);
    expect(seen.pieces.some(({ bytes }) => bytes.includes('/5/two'))).toBe(false);
    await child.kill9();
    await until('it is seen', () => seen.ends.length === 2);
    expect(seen.ends).toEqual([`${child.pid}: asked for`, `${child.pid}: the process has ended`]);
  });

  it('leaves nothing in a program when whoever started the loader is killed', async () => {
    const { child, port } = await startNode();
    const owner = path.join(folder, 'owner.mjs');
    await writeFile(
      owner,
      `import { spawn } from 'node:child_process';
const loader = spawn(process.argv[2], [], { stdio: ['pipe', 'pipe', 'inherit'] });
loader.stdout.resume();
loader.stdin.write('watch ${child.pid}\\n');
console.log('loader ' + loader.pid);`,
    );
    const process_ = launch(process.execPath, [owner, await needEbpfLoader()]);
    await until('it is seen', () => process_.output().includes('loader '));
    const pid = Number(/loader (\d+)/.exec(process_.output())?.[1]);
    await until('it is seen', async () => (await links()) > 0);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    cleanups.push(() => agent.destroy());
    const asking = Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await delay(index * 2);
        return ask(port, '/1000/x', agent);
      }),
    );
    await delay(100);
    await process_.kill9();
    expect((await asking).every(({ body }) => body.length === 1000)).toBe(true);
    await until('it is seen', async () => !(await isThere(pid)));
    expect(await links()).toBe(0);

    /** Probes that the loader holds open: files of its own. */
    async function links(): Promise<number> {
      const { stdout } = await run('ls', ['-l', `/proc/${pid}/fd`]).catch(() => ({
        stdout: '',
      }));
      return stdout.split('\n').filter((line) => line.includes('perf_event')).length;
    }
  });
});

/** The loader where any user may start it. */
async function copyForOthers(): Promise<string> {
  const place = await mkdtemp(path.join(tmpdir(), 'sluice-ebpf-'));
  cleanups.push(() => rm(place, { recursive: true }));
  await chmod(place, 0o755);
  const copy = path.join(place, 'sluice-ebpf');
  await copyFile(await needEbpfLoader(), copy);
  return copy;
}

const isThere = (pid: number): Promise<boolean> =>
  readFile(`/proc/${pid}/stat`, 'utf8').then(
    (text) => !/\) Z /.test(text),
    () => false,
  );
