import { StartError } from '../lib/errors.ts';
import type { Decoder } from '../record/record.ts';
import { listNames } from '../redis/keys.ts';
import type { SourceList } from './lease/lease.ts';

/** The gateway's lists: the bare name and ten shards, each in every encoding (tyk-pump.md, "Lists"). */
export function sourceLists(prefix: string, decoders: readonly Decoder[]): readonly SourceList[] {
  if (/[{}]/.test(prefix))
    throw new StartError(
      `The key prefix "${prefix}" has a brace. Keys of this service are {list}:…, so a list's own name must not have one; change key_prefix here and in the gateway.`,
    );
  return listNames(prefix).flatMap((name) =>
    decoders.map((decoder) => ({ key: `${name}${decoder.keySuffix}`, decoder })),
  );
}
