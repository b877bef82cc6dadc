import type { Environment } from './options/environment.ts';

/**
 * Kubernetes describes each service of a namespace to every container. Those of services named `tyk-pmp`, `tyk-pmp-redis`
 * and so on begin like variables of ours (`TYK_PMP_PORT=tcp://10.0.0.1:8083`), and nobody wrote them.
 */
export function withoutServiceLinks(
  env: Environment,
  prefix = 'TYK_PMP_',
): {
  readonly env: Environment;
  /** The names left out. */
  readonly links: readonly string[];
} {
  const links = Object.entries(env)
    .filter(([name, text]) => name.startsWith(prefix) && isLink(name, text ?? ''))
    .map(([name]) => name);
  const rest = Object.entries(env).filter(([name]) => !links.includes(name));
  return { env: Object.fromEntries(rest), links };
}

const isLink = (name: string, text: string): boolean =>
  /_SERVICE_HOST$|_SERVICE_PORT(_[A-Z0-9_]+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(
    name,
  ) ||
  (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\/.+:\d+$/.test(text));
