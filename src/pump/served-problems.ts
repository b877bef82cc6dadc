import type { HealthConfig } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import type { CheckedPump } from './check-pumps.ts';
import type { ServedAt } from './served-at.ts';

interface Taken {
  readonly by: string;
  readonly at: ServedAt;
}

/** Two that want one place: the later could never be opened. Each is an error, for no waiting helps. */
export function servedProblems(
  pumps: readonly CheckedPump[],
  admin: HealthConfig | undefined,
): readonly Problem[] {
  const taken: Taken[] = admin === undefined ? [] : [...ofAdmin(admin)];
  const problems: Problem[] = [];
  for (const { entry, pump, placeOf } of pumps) {
    for (const at of pump.servedAt) {
      const other = taken.find((one) => isSame(one.at, at));
      if (other === undefined) taken.push({ by: `the pump ${entry.name}`, at });
      else
        problems.push({
          ...placeOf(at.option),
          found: textOf(at),
          expected: `another ${at.kind === 'address' ? 'address' : 'path'}: ${other.by} has this one`,
          severity: 'error',
        });
    }
  }
  return problems;
}

function ofAdmin({ address, port, name }: HealthConfig): readonly Taken[] {
  const by = 'the health and metrics server (`health_check_endpoint_port`)';
  const pages = ['/live', '/ready', '/metrics', `/${name}`];
  return [
    { by, at: { kind: 'address', option: '', host: address, port } },
    ...pages.map((path) => ({ by, at: { kind: 'admin-path', option: '', path } as const })),
  ];
}

function isSame(one: ServedAt, other: ServedAt): boolean {
  if (one.kind === 'admin-path') return other.kind === 'admin-path' && one.path === other.path;
  // Port 0 is any free one.
  if (other.kind !== 'address' || one.port !== other.port || one.port === 0) return false;
  const hosts = [hostOf(one.host), hostOf(other.host)];
  return hosts[0] === hosts[1] || hosts.includes(every);
}

const every = 'every interface';

/** Spellings of one interface, as far as they can be known without asking the system. */
function hostOf(host: string): string {
  const name = host.toLowerCase();
  if (name === '' || name === '0.0.0.0' || name === '::') return every;
  return name === 'localhost' || name === '::1' ? '127.0.0.1' : name;
}

const textOf = (at: ServedAt): string =>
  at.kind === 'address' ? `port ${at.port}` : `"${at.path}"`;
