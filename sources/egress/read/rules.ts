import type { PlacedProblem } from '#source';
import { type HostPattern, hasHost, shownPattern, specificity } from '../rules/host-pattern.ts';
import type { CallPolicy, EgressNetwork, Entry, EntryHost, Rules } from '../rules/model.ts';
import { type DestinationRule, readDestinationRule } from './destination-rule.ts';
import { objectsIn, type RulesFile } from './documents.ts';
import { readEgressNetwork } from './egress-network.ts';
import { destinationRuleFields, egressNetworkFields, serviceEntryFields } from './field-table.ts';
import { type Draft, readServiceEntry } from './service-entry.ts';
import { readShortForm } from './short-form.ts';
import { defaultPolicy, type Pems } from './traffic-policy.ts';

/**
 * All files → what may leave. Problems of all of them at once; with an error among them nothing of the rules counts. `pemsOf`
 * reads what a file names, relative to itself.
 */
export function readRules(
  files: readonly RulesFile[],
  pemsOf: (file: string) => Pems,
): { readonly rules: Rules; readonly problems: readonly PlacedProblem[] } {
  const problems: PlacedProblem[] = [];
  const drafts: Draft[] = [];
  const destinations: DestinationRule[] = [];
  const networks: EgressNetwork[] = [];
  for (const object of files.flatMap((file) => objectsIn(file, problems))) {
    const { kind, name, file, findings } = object;
    const pems = pemsOf(file);
    if (kind === 'ServiceEntry')
      drafts.push({
        ...{ entry: readServiceEntry(object.read(serviceEntryFields), name, findings) },
        ...{ own: undefined, findings },
      });
    else if (kind === 'DestinationRule') {
      const spec = object.read(destinationRuleFields);
      const rule = readDestinationRule(spec, name, { findings, pems });
      if (rule !== undefined) destinations.push(rule);
    } else if (kind === 'EgressNetwork')
      networks.push(readEgressNetwork(object.read(egressNetworkFields), name, findings));
    else {
      const short = readShortForm(object, pems);
      drafts.push(...short.drafts);
      networks.push(...short.networks);
    }
  }
  const entries = drafts.map((draft) => entryOf(draft, destinations));
  checkDestinations(destinations, drafts);
  checkOriginations(drafts, entries);
  return { rules: { entries, networks }, problems: unique(problems) };
}

/** What is asked for twice is found twice. */
const unique = (problems: readonly PlacedProblem[]): readonly PlacedProblem[] => [
  ...new Map(problems.map((each) => [JSON.stringify(each), each])).values(),
];

function entryOf({ entry, own }: Draft, destinations: readonly DestinationRule[]): Entry {
  const { patterns, subjectAltNames, ...rest } = entry;
  const hosts = patterns.map((pattern): EntryHost => {
    const rule = ruleOf(pattern, destinations);
    return {
      pattern,
      policyOf: (port) => {
        const policy = own ?? rule?.ofPorts.get(port) ?? rule?.policy ?? defaultPolicy;
        return withNames(policy, subjectAltNames);
      },
    };
  });
  return { ...rest, hosts: hosts.map(remembered) };
}

/** The same object for the same port each time: connections are kept by it. */
function remembered(host: EntryHost): EntryHost {
  const known = new Map<number, CallPolicy>();
  return {
    ...host,
    policyOf: (port) => {
      const policy = known.get(port) ?? host.policyOf(port);
      known.set(port, policy);
      return policy;
    },
  };
}

/** Names of the DestinationRule come before those of the entry. */
function withNames(policy: CallPolicy, names: readonly string[]): CallPolicy {
  if (policy.tls === undefined || policy.tls.subjectAltNames.length > 0) return policy;
  return { ...policy, tls: { ...policy.tls, subjectAltNames: names } };
}

/** The rule of the host itself, or of the longest wildcard that has it; of equal ones the first. */
function ruleOf(
  pattern: HostPattern,
  destinations: readonly DestinationRule[],
): DestinationRule | undefined {
  return destinations
    .filter(({ host }) => covers(host, pattern))
    .reduce<DestinationRule | undefined>(
      (best, each) =>
        best === undefined || specificity(each.host) > specificity(best.host) ? each : best,
      undefined,
    );
}

const covers = (rule: HostPattern, host: HostPattern): boolean =>
  shownPattern(rule) === shownPattern(host) || (rule.isWildcard && hasHost(rule, host.name));

/** A rule for nobody is most likely a slip, and one for the same host again would be chosen by chance. */
function checkDestinations(rules: readonly DestinationRule[], drafts: readonly Draft[]): void {
  const seen = new Map<string, string>();
  for (const { name, host, ofPorts, findings } of rules) {
    const shown = shownPattern(host);
    const other = seen.get(shown);
    if (other !== undefined)
      findings.refused('spec.host', shown, `DestinationRule ${other} is for the same host`);
    seen.set(shown, name);
    const called = drafts.filter(({ entry }) => entry.patterns.some((each) => covers(host, each)));
    if (called.length === 0) findings.ignored('spec.host', shown, 'no entry has this host');
    for (const port of ofPorts.keys())
      if (
        called.length > 0 &&
        !called.some(({ entry }) => entry.ports.some((each) => each.number === port))
      )
        findings.ignored(
          'spec.trafficPolicy.portLevelSettings',
          [],
          `no entry of the host has port ${port}`,
        );
  }
}

/** TLS within TLS: clients speak it themselves at such ports. */
function checkOriginations(drafts: readonly Draft[], entries: readonly Entry[]): void {
  drafts.forEach(({ own, findings }, i) => {
    const entry = entries[i];
    if (entry === undefined || own !== undefined) return;
    for (const { number, protocol } of entry.ports) {
      const isOpaque = protocol === 'HTTPS' || protocol === 'TLS' || protocol === 'TCP';
      const tls =
        isOpaque && entry.hosts.some(({ policyOf }) => policyOf(number).tls !== undefined);
      if (tls)
        findings.ignored(
          'spec.ports',
          [],
          `at port ${number} clients speak ${protocol} themselves, so the DestinationRule's tls is not used there; where it should begin here, the protocol is HTTP`,
        );
    }
  });
}
