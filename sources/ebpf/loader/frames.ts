import type { Endpoint } from '#source';

/**
 * What a program read from TLS, or wrote to it, or that it is done with a connection (native/frame.h). Lent: the next piece is told
 * in the same object, and its bytes are written over. `keptPiece` is for whoever needs it longer.
 */
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
  /** Those from `start` to `end` are its own. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Undefined: not known (yet). */
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
}

/** A piece that stays as it is, with bytes of its own. */
export function keptPiece(piece: Piece): Piece {
  const { kind, connection, pid, direction, time, offset, local, remote } = piece;
  const bytes = Buffer.from(piece.bytes.subarray(piece.start, piece.end));
  return {
    ...{ kind, connection, pid, direction, time, offset, local, remote },
    ...{ bytes, start: 0, end: bytes.length },
  };
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

/** What is read at a time where the frames are short: a pipe gives 64 KiB. */
const usual = 256 * 1024;

/** Takes the loader’s output as it comes, and hands over whole frames. */
export class FrameReader {
  readonly #handler: FrameHandler;
  /** What is not read yet; `#length` bytes from its beginning. Always the same memory: garbage for each chunk would cost more than this copy. */
  #held: Buffer = Buffer.allocUnsafeSlow(usual);
  #length = 0;
  readonly #piece = new LentPiece();

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws a `FrameError`; nothing may be given to it after that. */
  take(chunk: Buffer): void {
    this.#hold(chunk);
    const bytes = this.#held;
    let at = 0;
    while (this.#length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (length < 8 || length > longest)
        throw new FrameError(`A frame of ${length} bytes is none of the loader’s`);
      if (this.#length - at - 4 < length) break;
      this.#frame(at + 4, at + 4 + length);
      at += 4 + length;
    }
    if (at > 0) bytes.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  #hold(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(2 * length);
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#length);
    this.#length = length;
  }

  #frame(at: number, end: number): void {
    const frame = this.#held;
    const kind = frame.readUInt32LE(at);
    if (kind === text) {
      this.#handler.said(readLine(frame.toString('latin1', at + 8, end)));
      return;
    }
    const name = kinds[kind];
    if (name === undefined || end - at < headLength)
      throw new FrameError(
        `A frame of kind ${kind} with ${end - at} bytes is none of the loader’s`,
      );
    const length = frame.readUInt32LE(at + 24);
    const given = end - at - headLength;
    if (given !== (name === 'data' ? length : 0))
      throw new FrameError(`A frame says ${length} bytes and has ${given}`);
    this.#piece.set(name, frame, at, end);
    this.#handler.piece(this.#piece);
  }
}

/** A frame as a piece: one for all of them. Addresses are read when they are asked for, which is once for a connection. */
class LentPiece implements Piece {
  kind: Piece['kind'] = 'data';
  connection = '';
  pid = 0;
  direction: Piece['direction'] = 'read';
  time = 0;
  offset = 0;
  bytes: Buffer = nothing;
  start = 0;
  end = 0;

  set(kind: Piece['kind'], frame: Buffer, at: number, end: number): void {
    this.kind = kind;
    this.connection = frame.toString('latin1', at + 32, at + 52);
    this.pid = frame.readUInt32LE(at + 48);
    this.direction = frame.readUInt32LE(at + 4) === 0 ? 'read' : 'write';
    this.time = readUInt64(frame, at + 8) / 1e6;
    this.offset = readUInt64(frame, at + 16);
    this.bytes = frame;
    this.start = at + headLength;
    this.end = end;
  }

  get local(): Endpoint | undefined {
    return endpoint(this.bytes, this.start - headLength, 64, 54);
  }

  get remote(): Endpoint | undefined {
    return endpoint(this.bytes, this.start - headLength, 80, 56);
  }
}

const nothing = Buffer.alloc(0);

/** Exact up to 2^53: nanoseconds of 104 days, and beyond that to a few of them. */
const readUInt64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);

const inet = 2;
const inet6 = 10;

/** `frame`: where it begins in these bytes; address and port are counted from there. */
function endpoint(
  bytes: Buffer,
  frame: number,
  addressAt: number,
  portAt: number,
): Endpoint | undefined {
  const family = bytes.readUInt16LE(frame + 52);
  const port = bytes.readUInt16LE(frame + portAt);
  const at = frame + addressAt;
  if (family === inet) return { address: bytes.subarray(at, at + 4).join('.'), port };
  if (family !== inet6) return undefined;
  // A socket of both families shows IPv4 so.
  if (bytes.toString('latin1', at, at + 12) === mapped)
    return { address: bytes.subarray(at + 12, at + 16).join('.'), port };
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(at + 2 * index).toString(16),
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
