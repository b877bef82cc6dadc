import { type HostPattern, readHostPattern } from '../rules/host-pattern.ts';
import type { CallPolicy } from '../rules/model.ts';
import {
  type destinationRuleFields,
  portSettingFields,
  trafficPolicyFields,
} from './field-table.ts';
import type { Findings } from './findings.ts';
import type { ObjectReader } from './object-reader.ts';
import { defaultPolicy, type Pems, readCallPolicy } from './traffic-policy.ts';

/** How hosts are called that a pattern has. */
export interface DestinationRule {
  readonly name: string;
  readonly host: HostPattern;
  readonly policy: CallPolicy;
  /** By the number of the entry's port; replaces `policy` whole, as Istio has it. */
  readonly ofPorts: ReadonlyMap<number, CallPolicy>;
  readonly findings: Findings;
}

export function readDestinationRule(
  spec: ObjectReader<typeof destinationRuleFields>,
  name: string,
  { findings, pems }: { readonly findings: Findings; readonly pems: Pems },
): DestinationRule | undefined {
  const written = spec.text('host', 'a host of an entry');
  const traffic = spec.object('trafficPolicy', trafficPolicyFields);
  const policy = traffic === undefined ? defaultPolicy : readCallPolicy(traffic, pems);
  const ofPorts = new Map<number, CallPolicy>();
  for (const setting of traffic?.objects('portLevelSettings', portSettingFields) ?? []) {
    const number = portOf(setting);
    const read = readCallPolicy(setting, pems);
    if (number === undefined) setting.wrong('port', '{number} with an integer from 1 to 65535');
    else if (ofPorts.has(number)) setting.refused('port', `port ${number} is there already`);
    else ofPorts.set(number, read);
  }
  if (written === undefined) {
    if (!spec.has('host')) spec.wrong('host', 'a host of an entry');
    return undefined;
  }
  const host = readHostPattern(written);
  if (host.ok) return { name, host: host.pattern, policy, ofPorts, findings };
  spec.wrong('host', host.expected);
  return undefined;
}

function portOf(setting: ObjectReader<typeof portSettingFields>): number | undefined {
  const [first, ...others] = setting.map('port');
  const number = first?.[1].value;
  const isPort =
    typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= 65_535;
  return first?.[0] === 'number' && isPort && others.length === 0 ? number : undefined;
}
