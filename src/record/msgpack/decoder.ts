import { elementsOf } from '../../lib/elements.ts';
import { type ChunkFormat, type Region, scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { slotCount } from '../slots.ts';
import { tellUnknown } from '../unknown-fields.ts';
import { openRangeScanner } from './range/range-scanner.ts';
import { MsgpackRecord } from './record.ts';
import { scanRecord } from './scan.ts';
import { scanUsual } from './usual.ts';

/** The encoding of gateways by default (tyk-pump.md, "MessagePack"). */
export const msgpackDecoder: Decoder = {
  records: 'analytics',
  name: 'msgpack',
  keySuffix: '',
  scan: (elements, memory) => scanChunk(msgpackFormat, elements, memory),
  decode: (elements) => scanChunk(msgpackFormat, elementsOf(elements)),
};

export const msgpackFormat: ChunkFormat = {
  width: slotCount,
  scan,
  scanMany: (elements, slots) => openRangeScanner()?.scan(elements, slots),
  Record: MsgpackRecord,
};

function scan(
  region: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
): string | undefined {
  if (scanUsual(region, origin, size, slots, base)) return undefined;
  slots.fill(0, base, base + slotCount);
  const reason = scanRecord(region.region.subarray(origin, origin + size), slots, base);
  if (reason === undefined) tellUnknown('msgpack');
  return reason;
}
