import { isIP } from 'node:net';
import { type CidrList, readCidrs } from '../../shared/lists/cidr.ts';
import { isPrivateNetwork, privateNetworks } from '../../shared/lists/private.ts';
import type { EgressNetwork, Network } from '../rules/model.ts';
import { type egressNetworkFields, networkFields } from './field-table.ts';
import type { Findings } from './findings.ts';
import type { ObjectReader } from './object-reader.ts';

type Spec = ObjectReader<typeof egressNetworkFields>;

const policies = 'Allow or Deny';

export function readEgressNetwork(
  spec: Spec,
  name: string,
  findings: Findings,
  /** What counts where `trafficPolicy` is left out; undefined: it must be there. */
  fallback?: 'Deny',
): EgressNetwork {
  const written = spec.text('trafficPolicy', policies);
  if (!spec.has('trafficPolicy') && fallback === undefined) spec.wrong('trafficPolicy', policies);
  if (written !== undefined && written !== 'Allow' && written !== 'Deny')
    spec.wrong('trafficPolicy', policies);
  const networks = spec.has('networks')
    ? spec.objects('networks', networkFields).flatMap((each) => networkIn(each, findings))
    : internet;
  return { name, isAllowed: written === 'Allow', networks };
}

function networkIn(
  network: ObjectReader<typeof networkFields>,
  findings: Findings,
): readonly Network[] {
  const cidr = network.text('cidr', 'a network such as 203.0.113.0/24');
  if (!network.has('cidr')) network.wrong('cidr', 'a network such as 203.0.113.0/24');
  const except = network.texts('except', 'a network such as 203.0.113.0/24');
  for (const { value, path } of except) {
    const [problem] = readCidrs([value]).problems;
    if (problem !== undefined) findings.wrong(path, value, problem.words.replace(/^expected /, ''));
  }
  if (cidr === undefined) return [];
  const { list, problems } = readCidrs([cidr]);
  if (problems[0] !== undefined) {
    network.wrong('cidr', problems[0].words.replace(/^expected /, ''));
    return [];
  }
  return [networkOf(cidr, list, readCidrs(except.map(({ value }) => value)).list)];
}

function networkOf(cidr: string, list: CidrList, except: CidrList): Network {
  const [address = '', bits] = cidr.split('/');
  const isWhole = bits === undefined;
  const isPrivate = isPrivateNetwork(cidr);
  return {
    cidr,
    list,
    except,
    isPrivate,
    bits: isWhole ? (isIP(address) === 4 ? 32 : 128) : Number(bits),
  };
}

const privateList = readCidrs(privateNetworks).list;

/** Everything but what is private. */
const internet: readonly Network[] = ['0.0.0.0/0', '::/0'].map((cidr) =>
  networkOf(cidr, readCidrs([cidr]).list, privateList),
);
