import { scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { protobufSlotCount } from './layout.ts';
import { ProtobufRecord } from './record.ts';
import { Scanner } from './scan.ts';

const scanner = new Scanner();

/** The encoding of gateways set to protobuf (tyk-pump.md, "Protobuf"). */
export const protobufDecoder: Decoder = {
  name: 'protobuf',
  keySuffix: '_protobuf',
  decode: (elements) =>
    scanChunk(
      {
        width: protobufSlotCount,
        scan: (bytes, view, slots, base) => scanner.scan(bytes, view, slots, base),
        record: (bytes, view, slots, base) => new ProtobufRecord(bytes, view, slots, base),
      },
      elements,
    ),
};
