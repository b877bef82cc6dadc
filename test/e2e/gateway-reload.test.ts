/**
 * Definitions, policies and certificates change twenty times under calls: nothing fails, nothing is answered by what is gone,
 * and what was open stays open.
 */
import { createHmac, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../services/certificates.ts';
import { launch, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';

const unavailable = await whyUnavailable(needRedis);
const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
const changes = 20;

/** Says which definition sent the call, by a header that definitions set; streams, and echoes behind an upgrade. */
class Upstream {
  readonly #server: Server = createServer((asked, answer) => {
    if (asked.url !== '/stream') answer.end(String(asked.headers['x-generation']));
    else this.#streams.push(answer);
  });
  readonly #streams: ServerResponse[] = [];

  async start(): Promise<number> {
    this.#server.on('upgrade', (_, socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      );
      socket.pipe(socket);
      socket.on('error', () => undefined);
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  send(text: string, isLast = false): void {
    for (const stream of this.#streams) {
      if (isLast) stream.end(text);
      else stream.write(text);
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Outcome {
  readonly kind: string;
  readonly startedAt: number;
  readonly status: number;
  /** Of the definition that sent it. */
  readonly generation: number;
}

interface Ask {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const token = (): string => {
  const signed = `${base64({ alg: 'HS256', typ: 'JWT' })}.${base64({ sub: 'somebody' })}`;
  return `${signed}.${createHmac('sha256', 'foo').update(signed).digest('base64url')}`;
};

describe.skipIf(unavailable !== undefined)('a reload under calls', () => {
  const use = stoppedAfterEach();

  it('fails none, lets nothing that is gone answer, and keeps open what was open', async () => {
    const upstreams = [use(new Upstream()), use(new Upstream())];
    const ports = await Promise.all(upstreams.map((upstream) => upstream.start()));
    const pairs = await Promise.all([makeCertificates(), makeCertificates()]);
    const redis = use(await startRedis());
    const dir = await scratchFolder('gateway-reload');
    const files = filesIn(dir, ports, pairs);
    await mkdir(path.join(dir, 'apis'));
    await files.write(0);
    const conf = path.join(dir, 'capture.yaml');
    await writeFile(
      conf,
      `storage: {host: ${redis.host}, port: ${redis.port}}
sources:
  - type: gateway
    listen: 127.0.0.1:0
    apis: ${dir}/apis
    policies: ${dir}/policies.json
    certificates: [{cert: ${dir}/tls.crt, key: ${dir}/tls.key}]
`,
    );
    let output = '';
    const gateway = use(
      launch(process.execPath, [program, '--conf', conf], { onOutput: (text) => (output += text) }),
    );
    await until('it listens', () => /listens_at="?https:/.test(output));
    const port = Number(/listens_at="?https:\S+?:(\d+)/.exec(output)?.[1]);
    const count = (sentence: string): number => output.split(sentence).length - 1;
    const load = new Load(
      port,
      pairs.map(({ ca }) => ca),
    );
    use(load);

    const stream = load.open({ path: '/main/stream' });
    const socket = await upgraded(port, pairs[0]);
    load.begin();
    const current = async (): Promise<string> => (await load.certificate()).fingerprint256;

    /** When the reload of each generation had returned. */
    const returned: number[] = [performance.now()];
    for (let generation = 1; generation <= changes; generation++) {
      await files.write(generation);
      if (generation % 4 < 2) {
        const sentence = 'A source has read its files again.';
        const before = count(sentence);
        process.kill(gateway.pid, 'SIGHUP');
        await until(`generation ${generation} is read`, () => count(sentence) > before);
      } else await until(`${generation} is seen`, () => load.latest() === generation);
      returned.push(performance.now());
      const wanted = new X509Certificate(pairs[generation % 2]!.cert).fingerprint256;
      await until('the certificate is the new one', async () => (await current()) === wanted);
      upstreams[0]!.send(`${generation} `);
      socket.write(`${generation} `);
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    const outcomes = await load.end();
    upstreams[0]!.send('end', true);
    const numbers = Array.from({ length: changes }, (_, at) => `${at + 1} `).join('');
    expect(await bodyOf(await stream)).toBe(`${numbers}end`);
    expect(socket.said()).toBe(numbers);
    socket.end();

    const failed = outcomes.filter(({ kind, status }) => status !== 200 && kind !== 'extra');
    expect(failed).toEqual([]);
    // Whatever began after a reload had returned was decided by what it read, or by what came later.
    const stale = outcomes.filter(
      ({ startedAt, generation, status }) =>
        status === 200 && generation < returned.findLastIndex((at) => at <= startedAt),
    );
    expect(stale).toEqual([]);
    // `extra` is there in even generations alone; its calls may cross one change, and more where that is slow.
    const extra = outcomes.filter(({ kind }) => kind === 'extra');
    expect(new Set(extra.map(({ status }) => status))).toEqual(new Set([200, 404]));
    expect(
      extra.filter(({ status, generation }) => status === 200 && generation % 2 !== 0),
    ).toEqual([]);
    const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
    expect(kinds).toEqual(['extra', 'http2', 'jwt', 'kept', 'new']);
    for (const kind of kinds)
      expect(outcomes.filter((each) => each.kind === kind).length).toBeGreaterThan(changes);
    expect(new Set(outcomes.map(({ generation }) => generation)).size).toBeGreaterThan(changes);
    expect(output).not.toContain('API definitions were refused');
    await gateway.stop();
    expect(gateway.exit()).toEqual({ code: 0, signal: null });
  });
});

/** Definitions that send to one upstream and then to the other, with a policy and a certificate of their own each. */
function filesIn(dir: string, ports: readonly number[], pairs: readonly Certificates[]) {
  const definition = (name: string, generation: number, more: object = {}) => ({
    ...{ name, api_id: name, org_id: 'org', use_keyless: true, active: true },
    version_data: {
      not_versioned: true,
      versions: {
        Default: { name: 'Default', global_headers: { 'X-Generation': String(generation) } },
      },
    },
    proxy: {
      ...{ listen_path: `/${name}/`, strip_listen_path: true },
      target_url: `http://127.0.0.1:${ports[name === 'main' ? 0 : generation % 2]}/`,
    },
    ...more,
  });
  /** As a whole: the gateway may look while files are written. */
  const put = async (name: string, value: unknown): Promise<void> => {
    await writeFile(path.join(dir, 'next'), JSON.stringify(value, null, 1));
    await rename(path.join(dir, 'next'), path.join(dir, name));
  };
  return {
    async write(generation: number): Promise<void> {
      const policy = generation % 2 === 0 ? 'even' : 'odd';
      const rights = { jwt: { api_id: 'jwt', versions: ['Default'] } };
      const tags = [`of-${generation}`];
      const both = ['even', 'odd'].map((id) => [
        id,
        { id, org_id: 'org', active: true, access_rights: rights, tags },
      ]);
      await put('policies.json', Object.fromEntries(both));
      await put('apis/main.json', definition('main', generation));
      await put(
        'apis/jwt.json',
        definition('jwt', generation, {
          ...{ use_keyless: false, enable_jwt: true, jwt_signing_method: 'hmac' },
          ...{ jwt_source: 'Zm9v', jwt_identity_base_field: 'sub', jwt_default_policies: [policy] },
        }),
      );
      const extra = 'apis/extra.json';
      if (generation % 2 === 0) await put(extra, definition('extra', generation));
      else await rm(path.join(dir, extra));
      const { certFile, keyFile } = pairs[generation % 2]!;
      await copyFile(certFile, path.join(dir, 'tls.crt'));
      await copyFile(keyFile, path.join(dir, 'tls.key'));
    },
  };
}

/** Clients that call without a pause: over kept connections, over new ones, and over one of HTTP/2. */
class Load {
  readonly #port: number;
  readonly #ca: Buffer[];
  readonly #outcomes: Outcome[] = [];
  readonly #agents: Agent[] = [];
  readonly #loops: Promise<void>[] = [];
  #session: ClientHttp2Session | undefined;
  #isEnding = false;

  constructor(port: number, ca: Buffer[]) {
    this.#port = port;
    this.#ca = ca;
  }

  begin(): void {
    const authorization = token();
    for (let i = 0; i < 4; i++) {
      this.#loop('kept', this.#kept(), { path: '/main/x' });
      this.#loop('new', this.#fresh, { path: '/main/x' });
    }
    this.#loop('jwt', this.#kept(), { path: '/jwt/x', headers: { authorization } });
    this.#loop('extra', this.#kept(), { path: '/extra/x' });
    this.#loop('http2', this.#multiplexed(), { path: '/main/x' });
  }

  /** A call whose answer goes on. */
  async open(ask: Ask): Promise<IncomingMessage> {
    const asked = request(this.#options(ask)).end();
    return ((await once(asked, 'response')) as [IncomingMessage])[0];
  }

  /** That which a new connection is shown. */
  async certificate(): Promise<X509Certificate> {
    const socket = connectTls({ port: this.#port, ca: this.#ca, host: '127.0.0.1' });
    await once(socket, 'secureConnect');
    const shown = socket.getPeerX509Certificate();
    socket.destroy();
    if (shown === undefined) throw new Error('it shows one');
    return shown;
  }

  /** The newest definition that has sent a call. */
  latest(): number {
    return this.#outcomes.reduce((most, { generation }) => Math.max(most, generation || 0), -1);
  }

  async end(): Promise<readonly Outcome[]> {
    this.#isEnding = true;
    await Promise.all(this.#loops);
    return this.#outcomes;
  }

  async stop(): Promise<void> {
    await this.end();
    for (const agent of this.#agents) agent.destroy();
    this.#session?.destroy();
  }

  #loop(kind: string, send: (ask: Ask) => Promise<readonly [number, string]>, ask: Ask): void {
    const run = async (): Promise<void> => {
      while (!this.#isEnding) {
        const startedAt = performance.now();
        try {
          const [status, body] = await send(ask);
          this.#outcomes.push({ kind, startedAt, status, generation: Number(body) });
        } catch (error) {
          this.#outcomes.push({
            kind: `${kind}: ${String(error)}`,
            startedAt,
            status: 0,
            generation: -1,
          });
        }
        // This machine has others to serve.
        await new Promise((resolve) => {
          setTimeout(resolve, 3);
        });
      }
    };
    this.#loops.push(run());
  }

  readonly #fresh = (ask: Ask): Promise<readonly [number, string]> =>
    whole(request(this.#options(ask)).end());

  #kept(): (ask: Ask) => Promise<readonly [number, string]> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const secure = Object.assign(agent, {
      createConnection: (options: object) => connectTls({ ...options, ca: this.#ca }),
      protocol: 'https:',
    });
    this.#agents.push(secure);
    return (ask) => whole(request({ ...this.#options(ask), agent: secure }).end());
  }

  #multiplexed(): (ask: Ask) => Promise<readonly [number, string]> {
    const session = connectHttp2(`https://127.0.0.1:${this.#port}`, { ca: this.#ca });
    session.on('error', () => undefined);
    this.#session = session;
    return async ({ path: asked }) => {
      const stream = session.request({ ':path': asked });
      const head = once(stream, 'response') as Promise<[{ ':status'?: number }]>;
      let body = '';
      for await (const part of stream) body += String(part);
      return [(await head)[0][':status'] ?? 0, body];
    };
  }

  #options({ path: asked, headers = {} }: Ask) {
    return {
      ...{ host: '127.0.0.1', port: this.#port, path: asked, headers, ca: this.#ca },
      agent: false as const,
    };
  }
}

async function whole(asked: ReturnType<typeof request>): Promise<readonly [number, string]> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return [answer.statusCode ?? 0, await bodyOf(answer)];
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of answer) body += String(part);
  return body;
}

/** A connection that speaks another protocol by now. */
async function upgraded(port: number, { ca }: Certificates) {
  const socket: TLSSocket = connectTls({ port, ca, host: '127.0.0.1' });
  socket.write('GET /main/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  let said = '';
  socket.on('data', (part: Buffer) => (said += part.toString()));
  await until('it is upgraded', () => said.includes('\r\n\r\n'));
  expect(said).toMatch(/^HTTP\/1\.1 101 /);
  return {
    write: (text: string) => socket.write(text),
    said: () => said.slice(said.indexOf('\r\n\r\n') + 4),
    end: () => socket.destroy(),
  };
}
