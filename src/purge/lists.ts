import { StartError } from '../lib/errors.ts';
import type { Decoder } from '../record/record.ts';
import type { SourceList } from './lease.ts';

const baseName = 'tyk-system-analytics';
const shards = ['', '_0', '_1', '_2', '_3', '_4', '_5', '_6', '_7', '_8', '_9'];

/** The gateway's lists: the bare name and ten shards, each in every encoding (contract 1.1). */
export function sourceLists(prefix: string, decoders: readonly Decoder[]): readonly SourceList[] {
  if (/[{}]/.test(prefix))
    throw new StartError(
      `The key prefix "${prefix}" has a brace. Keys of this service are {list}:…, so a list's own name must not have one; change key_prefix here and in the gateway.`,
    );
  return shards.flatMap((shard) =>
    decoders.map((decoder) => ({
      key: `${prefix}${baseName}${shard}${decoder.keySuffix}`,
      decoder,
    })),
  );
}
