/*
 * Sockets that all read into one memory, one after the other. Node's own take 64 KiB of memory for each read, whatever comes.
 * V8 counts what lies outside its heap, and looks through the heap for every 32 MB of it: in a tunnel that costs more than
 * handing the bytes on. And such a socket stops reading as soon as it is paused, where others read one chunk more.
 *
 * What was read is copied before the next socket reads: as a chunk of the stream; or whoever has asked for it takes it, and
 * the stream has none of it.
 */
import { type NetConnectOpts, type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Bytes of one read. */
export const mostRead = 64 * 1024;

const memory = Buffer.allocUnsafeSlow(mostRead);

/** `bytes` are lent until it returns. False: nothing is read until the socket is resumed. */
export type TakeRead = (bytes: Buffer) => boolean;

class Reads {
  socket: Socket | undefined;
  take: TakeRead = (bytes) => this.socket?.push(Buffer.from(bytes)) ?? false;
  readonly onread = {
    buffer: memory,
    callback: (length: number) => this.take(memory.subarray(0, length)),
  };
}

const readsOf = new WeakMap<Socket, Reads>();

/** As `connect` of node:net. */
export const openSocket = (where: NetConnectOpts): Socket => made(where).connect(where);

/** What Node's types do not tell of: the connection itself, below the object that reads and writes. */
interface Holder {
  _handle: object | null | undefined;
}

/**
 * The same connection as such a socket. `accepted`: as a server hands it over, half-open and paused (`pauseOnConnect`), before
 * anybody else has it; it has no connection afterwards. A server of Node's can make no other socket by itself.
 */
export function adopt(accepted: Socket): Socket {
  const holder = accepted as unknown as Holder;
  const handle = holder._handle;
  if (handle === null || handle === undefined) return accepted;
  holder._handle = null;
  accepted.destroy();
  return made({ allowHalfOpen: true, handle });
}

function made(options: object): Socket {
  const reads = new Reads();
  const all: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
    ...options,
    onread: reads.onread,
  };
  const socket = new Socket(all);
  reads.socket = socket;
  readsOf.set(socket, reads);
  return socket;
}

/** From now on `take` has what the socket reads. False: it reads for itself. */
export function takeReads(socket: Socket, take: TakeRead): boolean {
  const reads = readsOf.get(socket);
  if (reads === undefined) return false;
  reads.take = take;
  return true;
}
