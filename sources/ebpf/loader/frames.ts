import type { Endpoint } from '#source';

/** What a program read from TLS, or wrote to it, or that it is done with a connection (native/frame.h). */
export interface Piece {
  /** `address`: which socket it is became known after its data. */
  readonly kind: 'data' | 'closed' | 'address';
  /** Names the connection, with those before it that had the same place in memory. Any characters. */
  readonly connection: string;
  readonly pid: number;
  readonly direction: 'read' | 'write';
  /** Milliseconds of the machine’s monotonic clock, with fractions, when the call returned. */
  readonly time: number;
  /** Of the first byte, in this direction of the connection. */
  readonly offset: number;
  /** Not copied: to be used before the next chunk is given to the reader. */
  readonly bytes: Buffer;
  /** Undefined: not known (yet). */
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
}

/** What the loader says in words. */
export type Said = Readonly<Record<string, unknown>>;

export interface FrameHandler {
  piece(piece: Piece): void;
  said(line: Said): void;
}

/** The loader sends what nobody can read: another version of it, or no loader at all. */
export class FrameError extends Error {}

const headLength = 96;
/** The longest there is: the list of all processes of a machine. */
const longest = 64 * 1024 * 1024;
const kinds: Readonly<Record<number, Piece['kind']>> = { 1: 'data', 2: 'closed', 3: 'address' };
const text = 10;

/** Takes the loader’s output as it comes, and hands over whole frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #handler: FrameHandler;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws a `FrameError`; nothing may be given to it after that. */
  take(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (length < 8 || length > longest)
        throw new FrameError(`A frame of ${length} bytes is none of the loader’s`);
      if (bytes.length - at - 4 < length) break;
      this.#frame(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    // A copy: the chunk’s memory is somebody else’s after this.
    this.#rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  }

  #frame(frame: Buffer): void {
    const kind = frame.readUInt32LE(0);
    if (kind === text) {
      this.#handler.said(readLine(frame.toString('latin1', 8)));
      return;
    }
    const name = kinds[kind];
    if (name === undefined || frame.length < headLength)
      throw new FrameError(
        `A frame of kind ${kind} with ${frame.length} bytes is none of the loader’s`,
      );
    const length = frame.readUInt32LE(24);
    if (frame.length - headLength !== (name === 'data' ? length : 0))
      throw new FrameError(`A frame says ${length} bytes and has ${frame.length - headLength}`);
    this.#handler.piece({
      kind: name,
      connection: frame.toString('latin1', 32, 52),
      pid: frame.readUInt32LE(48),
      direction: frame.readUInt32LE(4) === 0 ? 'read' : 'write',
      time: readUInt64(frame, 8) / 1e6,
      offset: readUInt64(frame, 16),
      bytes: frame.subarray(headLength),
      local: endpoint(frame, 64, 54),
      remote: endpoint(frame, 80, 56),
    });
  }
}

/** Exact up to 2^53: nanoseconds of 104 days, and beyond that to a few of them. */
const readUInt64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);

const inet = 2;
const inet6 = 10;

function endpoint(frame: Buffer, at: number, portAt: number): Endpoint | undefined {
  const family = frame.readUInt16LE(52);
  const port = frame.readUInt16LE(portAt);
  if (family === inet)
    return { address: `${frame[at]}.${frame[at + 1]}.${frame[at + 2]}.${frame[at + 3]}`, port };
  if (family !== inet6) return undefined;
  // A socket of both families shows IPv4 so.
  if (frame.toString('latin1', at, at + 12) === mapped)
    return {
      address: `${frame[at + 12]}.${frame[at + 13]}.${frame[at + 14]}.${frame[at + 15]}`,
      port,
    };
  const groups = Array.from({ length: 8 }, (_, index) =>
    frame.readUInt16BE(at + 2 * index).toString(16),
  );
  return { address: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), port };
}

const mapped = `${'\0'.repeat(10)}\xff\xff`;

function readLine(line: string): Said {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Said;
  } catch {
    // Told below.
  }
  throw new FrameError('A line of the loader is no JSON');
}
