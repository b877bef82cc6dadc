import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { needProgram } from './debian.ts';
import { freePort, launch, scratchFolder, untilReady } from './process.ts';

export interface Nginx {
  readonly port: number;
  /** Of the process that serves. */
  readonly pid: number;
  /** What it took for requests, in order: `GET /path`. */
  requests(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export const needNginx = (): Promise<string> => needProgram('nginx', ['nginx']);

/** A real nginx in one process. `server`: the directives of its one server. Throws `Unavailable` where there is none. */
export async function startNginx({
  server,
  http = '',
}: {
  readonly server: string;
  readonly http?: string;
}): Promise<Nginx> {
  const program = await needNginx();
  const dir = await scratchFolder('nginx');
  const port = await freePort();
  const log = path.join(dir, 'requests.log');
  const config = path.join(dir, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${path.join(dir, name)};`)
    .join('\n  ');
  await writeFile(
    config,
    `daemon off;
master_process off;
worker_processes 1;
pid ${path.join(dir, 'nginx.pid')};
error_log stderr warn;
events { worker_connections 8192; }
http {
  ${paths}
  log_format requests '$request_method $request_uri';
  access_log ${log} requests;
  keepalive_timeout 60s;
  keepalive_requests 10000000;
  ${http}
  server {
    listen 127.0.0.1:${port};
    ${server}
  }
}
`,
  );
  const child = launch(program, ['-c', config, '-p', dir, '-e', 'stderr']);
  await untilReady(child, 'nginx', async () => {
    await fetch(`http://127.0.0.1:${port}/ready`);
    return true;
  });
  return {
    port,
    pid: child.pid,
    async requests() {
      const lines = (await readFile(log, 'utf8')).split('\n');
      return lines.filter((line) => line !== '' && line !== 'GET /ready');
    },
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
