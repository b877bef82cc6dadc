import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { startNginx } from '../../test/services/nginx.ts';
import { type Child, launch, until } from '../../test/services/process.ts';

/** A proxy that stands between the load and the origin. */
export interface Contender {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Setting {
  readonly originPort: number;
  /** `dist/src/capture.js` of the build that is measured. */
  readonly capture: string;
  readonly redisPort: number;
  readonly folder: string;
}

export interface ContenderKind {
  readonly name: string;
  start(setting: Setting): Promise<Contender>;
}

/** The whole of it: route, metrics, records with redaction into a real Redis. */
const gateway = (name: string, record: string, bodies: string): ContenderKind => ({
  name,
  async start({ originPort, capture, redisPort, folder }) {
    const conf = path.join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
    await writeFile(
      conf,
      `storage: {host: 127.0.0.1, port: ${redisPort}}
record: {bodies: ${bodies}, expiry: 5s}
sources:
  - {type: gateway, listen: "127.0.0.1:0", target: "http://127.0.0.1:${originPort}", record: ${record}}
`,
    );
    return startNode([capture, '--conf', conf]);
  },
});

export const contenders: readonly ContenderKind[] = [
  {
    name: 'bare proxy (Node, 20 lines)',
    start: ({ originPort }) => startNode(['bench/capture/bare.mjs', String(originPort)]),
  },
  gateway('gateway, no records', 'false', '0B'),
  gateway('gateway, records', 'true', '0B'),
  gateway('gateway, records with bodies', 'true', '64KiB'),
  {
    name: 'nginx proxy_pass, access log',
    async start({ originPort }) {
      const nginx = await startNginx({
        http: `upstream origin { server 127.0.0.1:${originPort}; keepalive 64; keepalive_requests 10000000; }`,
        server: `location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location = /ready { return 204; }`,
      });
      await untilOpen(nginx.port);
      return nginx;
    },
  },
];

/** What the bare proxy says, and what the log of the gateway does. */
const listening = /listening at (?:\S*:)?(\d+)|listens_at="?https?:\/\/[\d.]+:(\d+)/;

async function startNode(args: readonly string[]): Promise<Contender> {
  const child: Child = launch(process.execPath, args);
  await until('the contender listens', () =>
    Promise.resolve(listening.test(child.output()) || !child.isRunning()),
  );
  const [, plain, logged] = listening.exec(child.output()) ?? [];
  const port = Number(plain ?? logged);
  if (!child.isRunning()) throw new Error(`The contender ended:\n${child.output()}`);
  await untilOpen(port);
  return { port, pid: child.pid, stop: () => child.stop() };
}

async function untilOpen(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
