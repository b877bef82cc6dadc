import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { needProgram } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface ClickHouseServer {
  readonly url: string;
  /** What a statement gives; throws what the server says where it fails. */
  query(statement: string): Promise<string>;
  /** The server goes away, and comes back at the same port with its data. */
  kill9(): Promise<void>;
  start(): Promise<void>;
  /** Ends the server and its data. */
  stop(): Promise<void>;
}

/** The program of ClickHouse, years old in Debian. Throws `Unavailable` where it is missing and cannot be installed. */
export const needClickhouse = (): Promise<string> =>
  needProgram('clickhouse-server', ['clickhouse-server']);

/** A user that may do everything, and one that may only read. */
export const clickhouseUsers = {
  writer: { username: 'writer', password: 'live-password' },
  reader: { username: 'reader', password: 'live-password' },
} as const;

/** A real ClickHouse on 127.0.0.1, started in two seconds. Throws `Unavailable` where there is none. */
export async function startClickhouse(): Promise<ClickHouseServer> {
  const program = await needClickhouse();
  const dir = await scratchFolder('clickhouse');
  const port = await freePort([1, 2]);
  await writeFile(path.join(dir, 'users.xml'), users);
  await writeFile(path.join(dir, 'config.xml'), configuration(dir, port));
  const url = `http://127.0.0.1:${port}`;
  let child: Child | undefined;
  const isUp = async (): Promise<boolean> => (await fetch(`${url}/ping`)).ok;
  const start = async (): Promise<void> => {
    if (child?.isRunning() === true) return;
    child = launch(program, [`--config-file=${path.join(dir, 'config.xml')}`]);
    await untilReady(child, 'clickhouse-server', isUp, 30_000);
  };
  await start();
  return {
    url,
    start,
    async query(statement) {
      const { username, password } = clickhouseUsers.writer;
      const headers = { 'x-clickhouse-user': username, 'x-clickhouse-key': password };
      const answer = await fetch(url, { method: 'POST', headers, body: statement });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return text;
    },
    kill9: async () => child?.kill9(),
    async stop() {
      await child?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const configuration = (dir: string, port: number): string => `<yandex>
  <logger><level>warning</level><console>1</console></logger>
  <http_port>${port}</http_port>
  <tcp_port>${port + 1}</tcp_port>
  <interserver_http_port>${port + 2}</interserver_http_port>
  <listen_host>127.0.0.1</listen_host>
  <path>${dir}/data/</path>
  <tmp_path>${dir}/tmp/</tmp_path>
  <mark_cache_size>5368709</mark_cache_size>
  <users_config>${dir}/users.xml</users_config>
  <default_profile>default</default_profile>
</yandex>
`;

const user = (name: string, password: string, profile: string): string =>
  `<${name}><password>${password}</password><networks><ip>::/0</ip></networks><profile>${profile}</profile><quota>default</quota></${name}>`;

const { writer, reader } = clickhouseUsers;
const users = `<yandex>
  <profiles><default></default><readonly><readonly>2</readonly></readonly></profiles>
  <users>
    ${user('default', '', 'readonly')}
    ${user(writer.username, writer.password, 'default')}
    ${user(reader.username, reader.password, 'readonly')}
  </users>
  <quotas><default></default></quotas>
</yandex>
`;
