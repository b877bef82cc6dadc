import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { adopt } from '../sockets/shared-reads.ts';

/** Whose reads a tunnel takes, and whose it does not. */
export const kinds = ['sockets that share memory', 'sockets of Node’s'] as const;
export type Kind = (typeof kinds)[number];

const servers: Server[] = [];
const sockets: Socket[] = [];

/** Two ends of one connection; the near one is of the kind that is asked for. */
export async function pair(kind: Kind = kinds[0]): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [taken] = (await accepted) as [Socket];
  const near = kind === kinds[0] ? adopt(taken) : taken;
  for (const socket of [near, far]) {
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  return { near, far };
}

export function closeAll(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
}

/** All that comes until the end. `node:stream/consumers` would destroy a socket that may still send. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}
