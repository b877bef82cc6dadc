import { msgpackDecoder } from './msgpack/decoder.ts';
import { protobufDecoder } from './protobuf/decoder.ts';
import type { Decoder } from './record.ts';

/** The encodings a gateway can write, in the order of their lists (tyk-pump.md, "Lists"). */
export const decoders: readonly Decoder[] = [msgpackDecoder, protobufDecoder];
