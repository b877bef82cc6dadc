import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InfluxDB } from 'influx';
import type { Certificates } from './certificates.ts';
import { needProgram } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface InfluxServerOptions {
  /** Asks for user and password; `admin` is an administrator. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Speaks TLS only. */
  readonly tls?: Certificates;
  /** Further settings of `[data]`: `{ 'max-values-per-tag': '2' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface InfluxServer {
  readonly url: string;
  readonly port: number;
  /** The `influx` package: another opinion than ours of what the server holds. */
  client(database: string): InfluxDB;
  output(): string;
  /** Ends the server and its data. */
  stop(): Promise<void>;
}

/** The program of InfluxDB 1. Throws `Unavailable` where it is missing and cannot be installed. */
export const needInfluxdb = (): Promise<string> => needProgram('influxd', ['influxdb']);

/** A real InfluxDB 1 on 127.0.0.1, started in a moment. Throws `Unavailable` where there is none. */
export async function startInfluxdb(options: InfluxServerOptions = {}): Promise<InfluxServer> {
  const influxd = await needInfluxdb();
  const dir = await scratchFolder('influxdb');
  const port = await freePort([1]);
  const file = path.join(dir, 'influxdb.conf');
  await writeFile(file, configuration(dir, port, options));
  const child = launch(influxd, ['-config', file]);
  const { login, tls } = options;
  const protocol = tls === undefined ? 'http' : 'https';
  const client = (database: string): InfluxDB =>
    new InfluxDB({
      host: '127.0.0.1',
      port,
      protocol,
      database,
      ...login,
      ...(tls === undefined ? {} : { options: { ca: tls.ca } }),
    });
  await untilReady(child, 'influxd', () => isReady(client('')), 30_000);
  if (login !== undefined) await client('').createUser(login.username, login.password, true);
  return {
    url: `${protocol}://127.0.0.1:${port}`,
    port,
    client,
    output: () => child.output(),
    stop: () => stop(child, dir),
  };
}

async function isReady(client: InfluxDB): Promise<boolean> {
  const [host] = await client.ping(1_000);
  return host?.online ?? false;
}

async function stop(child: Child, dir: string): Promise<void> {
  await child.stop();
  await rm(dir, { recursive: true, force: true });
}

function configuration(
  dir: string,
  port: number,
  { login, tls, settings = {} }: InfluxServerOptions,
): string {
  const pairs = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join('');
  const text = (value: string): string => JSON.stringify(value);
  return [
    pairs({ 'reporting-disabled': 'true', 'bind-address': text(`127.0.0.1:${port + 1}`) }),
    '[meta]\n',
    pairs({ dir: text(path.join(dir, 'meta')) }),
    '[data]\n',
    pairs({ dir: text(path.join(dir, 'data')), 'wal-dir': text(path.join(dir, 'wal')) }),
    pairs(settings),
    '[http]\n',
    pairs({ 'bind-address': text(`127.0.0.1:${port}`), 'log-enabled': 'false' }),
    pairs(login === undefined ? {} : { 'auth-enabled': 'true' }),
    tls === undefined
      ? ''
      : pairs({
          'https-enabled': 'true',
          'https-certificate': text(tls.certFile),
          'https-private-key': text(tls.keyFile),
        }),
  ].join('');
}
