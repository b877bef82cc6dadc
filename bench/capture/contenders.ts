import { once } from 'node:events';
import { connect } from 'node:net';
import { startNginx } from '../../test/services/nginx.ts';
import { type Child, launch, until } from '../../test/services/process.ts';

/** A proxy that stands between the load and the origin. */
export interface Contender {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface ContenderKind {
  readonly name: string;
  start(originPort: number): Promise<Contender>;
}

const relay = (name: string, mode: string): ContenderKind => ({
  name,
  start: (origin) =>
    startNode([
      ...[
        '--conditions=source',
        '--import=tsx',
        'sources/shared/relay/process.testing.ts',
        String(origin),
        mode,
      ],
    ]),
});

export const contenders: readonly ContenderKind[] = [
  {
    name: 'bare proxy (Node, 20 lines)',
    start: (origin) => startNode(['bench/capture/bare.mjs', String(origin)]),
  },
  relay('relay, no records', 'silent'),
  relay('relay, records', 'records'),
  relay('relay, records with bodies', 'bodies'),
  {
    name: 'nginx proxy_pass, access log',
    async start(origin) {
      const nginx = await startNginx({
        http: `upstream origin { server 127.0.0.1:${origin}; keepalive 64; keepalive_requests 10000000; }`,
        server: `location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location = /ready { return 204; }`,
      });
      await untilOpen(nginx.port);
      return nginx;
    },
  },
];

async function startNode(args: readonly string[]): Promise<Contender> {
  const child: Child = launch(process.execPath, args);
  await until('the contender listens', () =>
    Promise.resolve(/listening at \d+/.test(child.output()) || !child.isRunning()),
  );
  const port = Number(/listening at (\d+)/.exec(child.output())?.[1]);
  if (!child.isRunning()) throw new Error(`The contender ended:\n${child.output()}`);
  await untilOpen(port);
  return { port, pid: child.pid, stop: () => child.stop() };
}

async function untilOpen(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
}
