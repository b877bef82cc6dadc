import { scanChunk } from '../chunk.ts';
import type { Decoder } from '../record.ts';
import { slotCount } from '../slots.ts';
import { MsgpackRecord } from './record.ts';
import { scanRecord } from './scan.ts';

/** The encoding of gateways by default (contract 2.5). */
export const msgpackDecoder: Decoder = {
  name: 'msgpack',
  keySuffix: '',
  decode: (elements) =>
    scanChunk(
      {
        width: slotCount,
        scan: scanRecord,
        view: (bytes, slots, base) => new MsgpackRecord(bytes, slots, base),
      },
      elements,
    ),
};
