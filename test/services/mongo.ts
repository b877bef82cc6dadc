import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { needJavaAndMaven, runTool } from './java.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface MongoServer {
  readonly port: number;
  /** Without a database: append its name. */
  readonly url: string;
  readonly pid: number;
  output(): string;
  /** It takes connections and answers nothing, until `restore`. */
  pause(): void;
  /** Crash: the port, and where it is durable the data, stay for `restore`. */
  kill9(): Promise<void>;
  /** SIGTERM, else as `kill9`. */
  end(): Promise<void>;
  /** Starts again after `kill9` or `end`, goes on after `pause`. */
  restore(): Promise<void>;
  /** Ends the server and its data. */
  stop(): Promise<void>;
}

/** A kind of server that tests run against. */
export interface MongoKind {
  readonly name: string;
  /** Throws `Unavailable` where it cannot be had. */
  readonly need: () => Promise<unknown>;
  /** `heap`: of a server in Java, `256m` unless said otherwise; it keeps all documents there. */
  start(options?: { readonly heap?: string }): Promise<MongoServer>;
}

const mongod = process.env['MONGOD'];
const isNamed = () => Promise.resolve();

/**
 * What tests of the Mongo pumps run against: a server in Java that speaks the protocol and is not MongoDB; and where the
 * variable MONGOD names one, a real mongod, alone and as a replica set.
 */
export const mongoKinds: readonly MongoKind[] = [
  { name: 'mongo-java-server', need: needMongo, start: startMongo },
  ...(mongod === undefined
    ? []
    : [
        { name: 'mongod', need: isNamed, start: () => startMongod(mongod) },
        {
          name: 'a replica set of mongod',
          need: isNamed,
          start: () => startMongod(mongod, 'test-set'),
        },
      ]),
];

interface MongoOptions {
  /** Keeps its data over `kill9` and `restore`, in a file. */
  readonly isDurable?: boolean;
  readonly heap?: string;
}

/**
 * mongo-java-server on 127.0.0.1. The first call on a machine fetches it (6 MB). Throws `Unavailable` where Java or Maven is
 * missing and cannot be installed.
 */
async function startMongo({
  isDurable = false,
  heap = '256m',
}: MongoOptions = {}): Promise<MongoServer> {
  const home = await needMongo();
  const port = await freePort();
  const folder = await scratchFolder('mongo');
  const data = isDurable ? [path.join(folder, 'data')] : [];
  return serve(
    { port, folder, query: '' },
    () =>
      launch('java', [
        ...[`-Xmx${heap}`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'],
        ...['-cp', `${path.join(home, 'classes')}:${path.join(home, 'lib')}/*`],
        ...['Launcher', String(port), ...data],
      ]),
    (child) => Promise.resolve(child.output().includes('ready')),
  );
}

/** A real mongod, alone or as the only member of a replica set. */
async function startMongod(program: string, replicaSet?: string): Promise<MongoServer> {
  const port = await freePort();
  const folder = await scratchFolder('mongod');
  const member = replicaSet === undefined ? [] : ['--replSet', replicaSet];
  const address = `127.0.0.1:${port}`;
  return serve(
    { port, folder, query: replicaSet === undefined ? '' : `?replicaSet=${replicaSet}` },
    () =>
      launch(program, [
        ...['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'],
        ...member,
      ]),
    async () => {
      const client = new MongoClient(`mongodb://${address}/?directConnection=true`, {
        serverSelectionTimeoutMS: 500,
      });
      try {
        const admin = client.db('admin');
        const { isWritablePrimary } = await admin.command({ hello: 1 });
        if (isWritablePrimary === true) return true;
        const members = [{ _id: 0, host: address }];
        await admin.command({ replSetInitiate: { _id: replicaSet, members } });
        return false;
      } finally {
        await client.close();
      }
    },
  );
}

async function serve(
  { port, folder, query }: { port: number; folder: string; query: string },
  begin: () => Child,
  isReady: (child: Child) => Promise<boolean>,
): Promise<MongoServer> {
  const start = async (): Promise<Child> => {
    const child = begin();
    await untilReady(child, 'MongoDB', () => isReady(child), 120_000);
    return child;
  };
  let child = await start();
  return {
    port,
    url: `mongodb://127.0.0.1:${port}/${query}`,
    get pid() {
      return child.pid;
    },
    output: () => child.output(),
    pause: () => void process.kill(child.pid, 'SIGSTOP'),
    kill9: () => child.kill9(),
    end: () => child.stop(),
    async restore() {
      if (child.isRunning()) process.kill(child.pid, 'SIGCONT');
      else child = await start();
    },
    async stop() {
      if (child.isRunning()) process.kill(child.pid, 'SIGCONT');
      await child.kill9();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The URL of a database on that server. */
export const databaseUrl = ({ url }: Pick<MongoServer, 'url'>, database: string): string =>
  url.replace(/\/(\?|$)/, `/${database}$1`);

const source = fileURLToPath(new URL('mongo', import.meta.url));

/** The folder of the server: `lib/` (its jars) and `classes/` (the launcher). */
export async function needMongo(): Promise<string> {
  await needJavaAndMaven();
  const home = userCache('mongo', versionOf(source));
  if (existsSync(home)) return home;
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  const lib = path.join(fresh, 'lib');
  try {
    await runTool('mvn', [
      ...['--quiet', '--batch-mode', '-f', path.join(source, 'pom.xml')],
      ...['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
    ]);
    const launcher = path.join(source, 'Launcher.java');
    await runTool('javac', ['-cp', `${lib}/*`, '-d', path.join(fresh, 'classes'), launcher]);
    // In one step, for another test may fetch at the same time: then the first one's is kept.
    await rename(fresh, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return home;
}
