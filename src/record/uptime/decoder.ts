import { elementsOf } from '../../lib/elements.ts';
import { type Region, scanChunk } from '../chunk.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { scanRecord } from '../msgpack/scan.ts';
import type { Decoder } from '../record.ts';
import { tellUnknown } from '../unknown-fields.ts';
import { uptimeStruct, uptimeWidth } from './layout.ts';

/**
 * Uptime records, which come in MessagePack alone. Their views are those of analytics records: what such a record has
 * besides, `readUptime` tells.
 */
export const uptimeDecoder: Decoder = {
  records: 'uptime',
  name: 'msgpack',
  keySuffix: '',
  scan: (elements, memory) => scanChunk(format, elements, memory),
  decode: (elements) => scanChunk(format, elementsOf(elements)),
};

const format = { width: uptimeWidth, scan, Record: MsgpackRecord };

function scan(
  { region }: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
): string | undefined {
  const reason = scanRecord(region.subarray(origin, origin + size), slots, base, uptimeStruct);
  if (reason === undefined) tellUnknown('msgpack');
  return reason;
}
