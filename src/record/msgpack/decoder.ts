import { scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { slotCount } from '../slots.ts';
import { recordStruct } from './layout.ts';
import { MsgpackRecord } from './record.ts';
import { Scanner } from './scan.ts';

const scanner = new Scanner();

/** The encoding of gateways by default (contract 2.5). */
export const msgpackDecoder: Decoder = {
  name: 'msgpack',
  keySuffix: '',
  decode: (elements) =>
    scanChunk(
      {
        width: slotCount,
        scan: (bytes, slots, base) => scanner.scan(recordStruct, bytes, slots, base),
        view: (bytes, slots, base) => new MsgpackRecord(bytes, slots, base),
      },
      elements,
    ),
};
