import { ByteWriter } from '../../lib/byte-writer.ts';
import { ContractError } from '../../lib/errors.ts';
import type { ChunkFormat, Region } from '../chunk.ts';
import { msgpackFormat } from '../msgpack/decoder.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { protobufFormat } from '../protobuf/decoder.ts';
import { ProtobufRecord } from '../protobuf/record.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { Draft } from './draft.ts';
import { rewriteMsgpack } from './msgpack.ts';
import { rewriteProtobuf } from './protobuf.ts';

/** Stands in the place of texts that would make no record. */
const redacted = Buffer.from('[redacted]');

/**
 * Makes records that say something else: bytes of their own in the encoding of the original, scanned like any other. So whatever
 * comes later, sinks, dead letters and retries among them, sees a record and nothing of what was there before.
 *
 * Records lie side by side in memory that the collector frees when the last of them is gone.
 */
export class Rewriter {
  readonly #out = new ByteWriter(64 * 1024);
  readonly #msgpack = new Arena(msgpackFormat);
  readonly #protobuf = new Arena(protobufFormat);

  /** The record as the draft has it. */
  rewrite(record: AnalyticsRecord, draft: Draft): AnalyticsRecord {
    const rewritten = this.#tryTo(record, draft);
    if (rewritten !== undefined) return rewritten;
    // A text that protobuf cannot hold, for it must be UTF-8.
    draft.replaceAll(redacted);
    const plain = this.#tryTo(record, draft);
    if (plain === undefined) throw new ContractError('a record that is written anew is a record');
    return plain;
  }

  #tryTo(record: AnalyticsRecord, draft: Draft): AnalyticsRecord | undefined {
    const out = this.#out;
    out.clear();
    if (record instanceof MsgpackRecord) {
      rewriteMsgpack(record, draft, out);
      return this.#msgpack.add(out.view());
    }
    if (record instanceof ProtobufRecord) {
      rewriteProtobuf(record, draft, out);
      return this.#protobuf.add(out.view());
    }
    throw new ContractError('a record that is written anew comes from a decoder');
  }
}

const regionSize = 256 * 1024;
const rowsPerRegion = 256;

/** Memory for records of one encoding, and for what the scan finds in them. */
class Arena {
  readonly #format: ChunkFormat;
  #region: Region | undefined;
  #slots = new Int32Array(0);
  #used = 0;
  #rows = 0;

  constructor(format: ChunkFormat) {
    this.#format = format;
  }

  /** Copies the bytes; undefined: they are no record. */
  add(bytes: Uint8Array): AnalyticsRecord | undefined {
    const { width, scan, Record } = this.#format;
    const region = this.#roomFor(bytes.length);
    const row = [region, this.#used, bytes.length, this.#slots, this.#rows * width] as const;
    region.region.set(bytes, this.#used);
    if (scan(...row) !== undefined) {
      this.#slots.fill(0, this.#rows * width, (this.#rows + 1) * width);
      return undefined;
    }
    this.#used += bytes.length;
    this.#rows += 1;
    return new Record(...row);
  }

  #roomFor(size: number): Region {
    const known = this.#region;
    const isRoom =
      known !== undefined && this.#rows < rowsPerRegion && this.#used + size <= known.region.length;
    if (isRoom) return known;
    // A buffer of its own, which begins at offset 0 of its memory.
    const region = Buffer.allocUnsafeSlow(Math.max(size, regionSize));
    this.#region = { region, view: new DataView(region.buffer) };
    this.#slots = new Int32Array(rowsPerRegion * this.#format.width);
    this.#used = 0;
    this.#rows = 0;
    return this.#region;
  }
}
