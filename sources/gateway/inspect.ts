import { type Finding, findingOf, type Inspected } from '#source';
import { readTlsContexts } from '../shared/listen/tls-contexts.ts';
import { idleDefaults } from './load/idle-defaults.ts';
import { loadRules } from './load/load-rules.ts';
import type { Options } from './options.ts';

/** What a start would find wrong with definitions, policies and certificates. Never rejects. */
export async function inspectGateway(
  options: Options,
  { hasRedis }: Inspected,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const { apis, findings: found } = await loadRules(
    options,
    { ...idleDefaults(), connectTimeout: options.connect_timeout, hasSessions: hasRedis },
    undefined,
  );
  findings.push(...found.problems);
  if (apis.length === 0)
    findings.push({
      ...{ option: 'apis', severity: 'error' },
      found: found.refused.length > 0 ? 'no definition that can be used' : 'no definition',
      expected: 'something to serve',
    });
  if (options.certificates.length > 0)
    try {
      await readTlsContexts({
        certificates: options.certificates.map(({ names, cert, key }) => ({
          ...{ names, certFile: cert, keyFile: key },
        })),
      });
    } catch (error) {
      findings.push(findingOf(error, 'certificates'));
    }
  return findings;
}
