import { elementsOf } from '../../lib/elements.ts';
import { type ChunkFormat, type Region, scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { tellUnknown } from '../unknown-fields.ts';
import { protobufSlotCount } from './layout.ts';
import { ProtobufRecord } from './record.ts';
import { Scanner } from './scan.ts';
import { scanUsual } from './usual.ts';

const scanner = new Scanner();

/** The encoding of gateways set to protobuf (tyk-pump.md, "Protobuf"). */
export const protobufDecoder: Decoder = {
  records: 'analytics',
  name: 'protobuf',
  keySuffix: '_protobuf',
  scan: (elements, memory) => scanChunk(protobufFormat, elements, memory),
  decode: (elements) => scanChunk(protobufFormat, elementsOf(elements)),
};

export const protobufFormat: ChunkFormat = {
  width: protobufSlotCount,
  scan,
  Record: ProtobufRecord,
};

function scan(
  region: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
): string | undefined {
  if (scanUsual(region, origin, size, slots, base)) return undefined;
  slots.fill(0, base, base + protobufSlotCount);
  const reason = scanner.scan(region, origin, size, slots, base);
  if (reason === undefined) tellUnknown('protobuf');
  return reason;
}
