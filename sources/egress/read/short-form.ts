import type { EgressNetwork } from '../rules/model.ts';
import type { RulesObject } from './documents.ts';
import { readEgressNetwork } from './egress-network.ts';
import { shortEntryFields, shortFormFields } from './field-table.ts';
import { type Draft, readServiceEntry } from './service-entry.ts';
import { type Pems, readCallPolicy } from './traffic-policy.ts';

/** A file of our own form: entries, and the policy for everybody else, in one object. */
export function readShortForm(
  object: RulesObject,
  pems: Pems,
): { readonly drafts: readonly Draft[]; readonly networks: readonly EgressNetwork[] } {
  const { findings } = object;
  const file = object.read(shortFormFields);
  const drafts = file.objects('entries', shortEntryFields).map((spec): Draft => {
    const [first] = spec.texts('hosts', 'a name');
    const name = spec.text('name', 'a name') ?? first?.value ?? '';
    return {
      entry: readServiceEntry(spec, name, findings, true),
      own: readCallPolicy(spec, pems),
      findings,
    };
  });
  const hasPolicy = file.has('trafficPolicy') || file.has('networks');
  const networks = hasPolicy ? [readEgressNetwork(file, 'trafficPolicy', findings, 'Deny')] : [];
  if (!hasPolicy && !file.has('entries'))
    file.wrong('entries', 'a list of entries, or a trafficPolicy');
  return { drafts, networks };
}
