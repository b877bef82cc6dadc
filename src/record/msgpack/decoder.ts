import { scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { slotCount } from '../slots.ts';
import { MsgpackRecord } from './record.ts';
import { scanRecord } from './scan.ts';
import { scanUsual } from './usual.ts';

/** The encoding of gateways by default (tyk-pump.md, "MessagePack"). */
export const msgpackDecoder: Decoder = {
  name: 'msgpack',
  keySuffix: '',
  decode: (elements) => scanChunk({ width: slotCount, scan, record }, elements),
};

function scan(bytes: Buffer, view: DataView, slots: Int32Array, base: number): string | undefined {
  if (scanUsual(bytes, view, slots, base)) return undefined;
  slots.fill(0, base, base + slotCount);
  return scanRecord(bytes, slots, base);
}

const record = (bytes: Buffer, view: DataView, slots: Int32Array, base: number): MsgpackRecord =>
  new MsgpackRecord(bytes, view, slots, base);
