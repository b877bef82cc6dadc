import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { needKubernetes } from './kubernetes-build.ts';
import { type Child, freePort, launch, scratchFolder, until, untilReady } from './process.ts';

export interface KubernetesServer {
  /** Asks for anything; gives what it said. */
  ask(method: string, address: string, body?: object): Promise<KubernetesAnswer>;
  output(): string;
  stop(): Promise<void>;
}

interface KubernetesAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const token = 'of-a-test';

/**
 * A real API server with its etcd: it takes, checks and keeps what is given to it, and runs nothing, for there is neither a node nor a
 * controller. Throws `Unavailable` where there is none.
 */
export async function startKubernetes(): Promise<KubernetesServer> {
  const program = await needKubernetes();
  const dir = await scratchFolder('kubernetes');
  const etcd = await startEtcd(program, dir);
  const port = await freePort();
  const tokens = path.join(dir, 'tokens.csv');
  await writeFile(tokens, `${token},test,test,system:masters\n`);
  const [signing, checking] = [path.join(dir, 'signing.pem'), path.join(dir, 'checking.pem')];
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(signing, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(checking, publicKey.export({ type: 'spki', format: 'pem' }));
  const server = launch(program, [
    ...[
      `--etcd-servers=http://127.0.0.1:${etcd.port}`,
      `--cert-dir=${path.join(dir, 'certificates')}`,
    ],
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--authorization-mode=RBAC'],
    ...[`--token-auth-file=${tokens}`, '--service-cluster-ip-range=10.0.0.0/24'],
    ...['--service-account-issuer=https://127.0.0.1', `--service-account-key-file=${checking}`],
    `--service-account-signing-key-file=${signing}`,
  ]);
  const ask: KubernetesServer['ask'] = (method, address, body) =>
    askServer(port, method, address, body);
  const stop = async (): Promise<void> => {
    await server.stop();
    await etcd.child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const isReady = async (): Promise<boolean> => (await ask('GET', '/readyz')).status === 200;
    await untilReady(server, 'kube-apiserver', isReady, 120_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ask, stop, output: () => server.output() };
}

async function startEtcd(
  program: string,
  dir: string,
): Promise<{ readonly child: Child; readonly port: number }> {
  const port = await freePort([1]);
  const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`];
  const child = launch(program, [
    ...['etcd', `--data-dir=${path.join(dir, 'etcd')}`, '--log-level=error', '--name=one'],
    ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
    ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
    `--initial-cluster=one=${peers}`,
  ]);
  await until('etcd answers', async () => {
    if (!child.isRunning()) throw new Error(child.output());
    const answer = await fetch(`${clients}/health`).catch(() => undefined);
    return answer?.ok === true;
  });
  return { child, port };
}

function askServer(
  port: number,
  method: string,
  address: string,
  body: object | undefined,
): Promise<KubernetesAnswer> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json',
  };
  // Its certificate is its own.
  const options = {
    host: '127.0.0.1',
    port,
    path: address,
    method,
    headers,
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const asked = request(options, (answer) => {
      text(answer).then((said) => {
        const isJson = said.startsWith('{');
        const parsed = isJson ? (JSON.parse(said) as KubernetesAnswer['body']) : { message: said };
        resolve({ status: answer.statusCode ?? 0, body: parsed });
      }, reject);
    });
    asked.once('error', reject);
    // JSON is YAML.
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
