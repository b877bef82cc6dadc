/** The Helm chart: what it makes of several files of values is taken by Kubernetes, and run by the built service. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readDashboards } from '../../deploy/dashboards.ts';
import { mistakesOf } from '../../deploy/mistakes.ts';
import { rulesFolder } from '../../deploy/rules.ts';
import { makeCertificates } from '../../services/certificates.ts';
import { helm, needHelm } from '../../services/helm.ts';
import { checkManifests, needKubeconform } from '../../services/kubeconform.ts';
import { kubernetesReleases } from '../../services/kubernetes-schemas.ts';
import { scratchFolder, whyUnavailable } from '../../services/process.ts';
import {
  type Container,
  chart,
  isBeside,
  type Manifest,
  oldest,
  render,
  template,
  type Workload,
  workloadOf,
} from './manifests.ts';

const run = promisify(execFile);
const main = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url));
const capture = fileURLToPath(new URL('../../../dist/src/capture.js', import.meta.url));
const obstacle = (await whyUnavailable(needHelm)) ?? (await whyUnavailable(needKubeconform));

it('Helm and kubeconform are there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** The files of values by what they are called here, each as arguments of Helm. */
const examples = readdirSync(path.join(chart, 'ci'))
  .filter((name) => name.endsWith('-values.yaml'))
  .map((name) => ({
    name: name.replace('-values.yaml', ''),
    args: ['--values', path.join(chart, 'ci', name)],
  }));
const readme = path.join(await scratchFolder('chart'), 'readme.yaml');
const [, block = ''] =
  /```yaml\n([^]*?)```/.exec(readFileSync(path.join(chart, 'README.md'), 'utf8')) ?? [];
await writeFile(readme, block);
const all = [
  { name: 'defaults', args: [] as readonly string[] },
  { name: 'README.md', args: ['--values', readme] },
  ...examples,
];

describe.skipIf(obstacle !== undefined)('the chart', () => {
  describe.each(all)('with $name', ({ args }) => {
    let manifests: readonly Manifest[];
    beforeAll(async () => {
      manifests = await render(...args);
    });

    it('has nothing that Helm warns of', async () => {
      const { ok, stdout } = await helm(['lint', chart, '--strict', ...oldest, ...args]);

      expect(ok, stdout).toBe(true);
      expect(stdout).not.toMatch(/WARNING|ERROR/);
    });

    it.each(kubernetesReleases)('is taken by Kubernetes %s', async (release) => {
      const file = path.join(await scratchFolder('chart'), 'manifests.json');
      await writeFile(file, manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
      const checked = await checkManifests(file, release);

      expect(checked.filter(({ status }) => status !== 'statusValid')).toEqual([]);
      expect(checked).toHaveLength(manifests.length);
    });

    it('lets nobody be root, write outside of volumes or ask the cluster', () => {
      const { spec } = workloadOf(manifests).spec.template;

      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(spec.containers).toMatchObject([
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ]);
    });

    it('finds its pods by labels that they have, and ports by names that they have', () => {
      const { metadata, spec } = workloadOf(manifests).spec.template;
      const names = spec.containers[0].ports.map(({ name }) => name);
      // What is beside the pump has labels of its own, which the tests of it look at.
      const text = JSON.stringify(manifests.filter((each) => !isBeside(each)));
      const selectors = [...text.matchAll(/"(?:matchLabels|selector)":(\{"app[^{}]*\})/g)];
      const ports = [...text.matchAll(/"(?:port|targetPort)":"([^"]+)"/g)];

      expect(selectors.length).toBeGreaterThan(1);
      for (const [, labels = ''] of selectors)
        expect(metadata.labels).toMatchObject(JSON.parse(labels) as object);
      for (const [, name] of ports) expect(names).toContain(name);
    });

    it('mounts volumes that it has', () => {
      const workload = workloadOf(manifests);
      const { spec } = workload.spec.template;
      const claims = (workload.spec.volumeClaimTemplates ?? []) as readonly Manifest[];
      const volumes = [
        ...spec.volumes.map(({ name }) => name),
        ...claims.map((each) => each.metadata.name),
      ];

      expect(spec.containers[0].volumeMounts.map(({ name }) => name).sort()).toEqual(
        volumes.sort(),
      );
    });

    it('gives a stop the time that it takes', () => {
      const { spec } = workloadOf(manifests).spec.template;
      const { TYK_PMP_SLUICE_SHUTDOWNTIMEOUT: timeout = '' } = environmentOf(spec.containers[0]);

      // "Within shutdown_timeout and two seconds": docs/configuration.md, "Signals".
      expect(Number(timeout.replace('s', '')) + 2).toBeLessThan(spec.terminationGracePeriodSeconds);
    });

    it('asks pages that the service has', () => {
      const [container] = workloadOf(manifests).spec.template.spec.containers;

      expect(container).toMatchObject({
        livenessProbe: { httpGet: { path: '/live', port: 'http' } },
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      });
      expect(environmentOf(container)['TYK_PMP_HEALTHCHECKENDPOINTPORT']).toBe(
        String(container.ports.find(({ name }) => name === 'http')?.containerPort),
      );
    });

    it('makes a configuration that validate --strict has nothing to say of', async () => {
      const [container] = workloadOf(manifests).spec.template.spec.containers;
      const made = manifests.find(({ kind, data }) => kind === 'ConfigMap' && data?.['pump.conf']);
      const theirs = '{ "pumps": { "dummy": { "type": "dummy", "meta": {} } } }';
      const redis = { TYK_PMP_ANALYTICSSTORAGECONFIG_ADDRS: 'redis:6379' };
      const said = await validate(
        made?.data?.['pump.conf'] ?? theirs,
        made === undefined ? { ...environmentOf(container), ...redis } : environmentOf(container),
      );

      expect(said).toMatch(/^ok$/m);
    });
  });

  it('makes every kind of thing that it can, in one or the other of these', async () => {
    const kinds = (await Promise.all(all.map(({ args }) => render(...args)))).flatMap((manifests) =>
      manifests.map(({ kind }) => kind),
    );

    expect([...new Set(kinds)].sort()).toEqual(
      [
        ...[
          'ConfigMap',
          'Deployment',
          'HorizontalPodAutoscaler',
          'NetworkPolicy',
          'PodDisruptionBudget',
        ],
        ...[
          'DaemonSet',
          'PodMonitor',
          'PrometheusRule',
          'ScaledObject',
          'Service',
          'ServiceAccount',
        ],
        ...['ServiceMonitor', 'StatefulSet'],
      ].sort(),
    );
  });

  it('never has a pump of the quick start beside those of the operator', async () => {
    const config = JSON.parse(
      (await configOf('--set', 'config.pumps.csv.type=csv')) ?? '',
    ) as unknown;

    expect(config).toEqual({ pumps: { csv: { type: 'csv' } } });
  });

  it('starts pods anew when the configuration is another one, and only then', async () => {
    const annotations = async (...args: readonly string[]): Promise<string> => {
      const { metadata } = workloadOf(await render(...args)).spec.template;
      return JSON.stringify(metadata);
    };
    const as = ['--set', 'config.pumps.csv.type=csv'];

    expect(await annotations(...as)).toBe(await annotations(...as, '--set', 'replicas=5'));
    expect(await annotations(...as)).not.toBe(
      await annotations(...as, '--set', 'config.purge_delay=3'),
    );
  });

  it('starts as many threads as it is told to, and not as many as the node has cores', async () => {
    const workers = async (...args: readonly string[]): Promise<string | undefined> => {
      const { spec } = workloadOf(await render(...args)).spec.template;
      return environmentOf(spec.containers[0])['TYK_PMP_SLUICE_WORKERS'];
    };

    expect(await workers()).toBe('2');
    expect(await workers('--set', 'workers=3')).toBe('3');
    expect(await workers('--set', 'workers=0')).toBeUndefined();
    // A variable would win over the file.
    expect(await workers('--set', 'config.sluice.workers=4')).toBeUndefined();
  });

  it('has the alerts and the dashboards of deploy/', async () => {
    const manifests = await render('--set', 'prometheusRule.enabled=true,dashboards.enabled=true');
    const rules: unknown = parse(readFileSync(new URL('sluice.rules.yaml', rulesFolder), 'utf8'));
    const [, dashboards] = manifests.filter(({ kind }) => kind === 'ConfigMap');

    expect(manifests.find(({ kind }) => kind === 'PrometheusRule')?.spec).toEqual(rules);
    expect(Object.keys(dashboards?.data ?? {}).sort()).toEqual(
      readDashboards()
        .map(({ file }) => file)
        .sort(),
    );
  });

  it('puts the address of the runbook in front of the path that each alert has', async () => {
    const where = 'https://git.example.com/sluice/blob/main/';
    const manifests = await render(
      '--set',
      `prometheusRule.enabled=true,prometheusRule.runbookBase=${where}`,
    );
    const rules = readFileSync(new URL('sluice.rules.yaml', rulesFolder), 'utf8');

    expect(manifests.find(({ kind }) => kind === 'PrometheusRule')?.spec).toEqual(
      parse(rules.replaceAll('runbook_url: ', `runbook_url: ${where}`)),
    );
  });

  it('scales by metrics that there are', async () => {
    const prometheus = 'keda.enabled=true,keda.prometheus.serverAddress=http://prometheus';
    const scaled = (await render('--set', prometheus)).find(({ kind }) => kind === 'ScaledObject');
    const { triggers } = scaled?.spec as {
      readonly triggers: readonly { readonly metadata: { readonly query: string } }[];
    };

    expect(triggers.map(({ metadata }) => mistakesOf(metadata.query))).toEqual([[]]);
    expect(triggers[0]?.metadata.query).toContain('namespace="tyk", pod=~"pump-sluice-.+"');
  });

  it('takes tokens of the Admin API from a Secret, and asks over TLS where it has a certificate', async () => {
    const manifests = await render('--values', path.join(chart, 'ci', 'admin-values.yaml'));
    const [container] = workloadOf(manifests).spec.template.spec.containers;
    const secret = (name: string): unknown =>
      container.env.find((each) => each.name === `TYK_PMP_SLUICE_ADMIN_${name}`)?.valueFrom;
    const monitor = manifests.find(({ kind }) => kind === 'ServiceMonitor')?.spec;

    expect(secret('VIEWERTOKEN')).toEqual({
      secretKeyRef: { name: 'sluice-admin', key: 'viewer-token' },
    });
    expect(secret('OPERATORTOKEN')).toEqual({
      secretKeyRef: { name: 'sluice-admin', key: 'operator-token' },
    });
    expect(container.livenessProbe).toMatchObject({ httpGet: { scheme: 'HTTPS' } });
    expect(container.readinessProbe).toMatchObject({ httpGet: { scheme: 'HTTPS' } });
    expect(monitor).toMatchObject({ endpoints: [{ scheme: 'https' }, { scheme: 'https' }] });
  });

  it('puts what sees TLS on each node, with four rights and no more, and records where the pump looks', async () => {
    const manifests = await render('--values', path.join(chart, 'ci', 'ebpf-values.yaml'));
    const daemons = manifests.find(({ kind }) => kind === 'DaemonSet') as Workload | undefined;
    const spec = daemons?.spec.template.spec;
    const [container] = spec?.containers ?? [];
    const written = manifests.find(({ data }) => data?.['capture.yaml'])?.data?.['capture.yaml'];

    expect(spec).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect(container?.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['SYS_ADMIN', 'SYS_PTRACE', 'SETUID', 'SETGID'] },
    });
    expect(container?.resources).toEqual({
      requests: { cpu: '200m', memory: '512M' },
      limits: { cpu: '1000m', memory: '2G' },
    });
    expect(parse(written ?? '')).toMatchObject({
      storage: { host: 'redis-master', port: 6379 },
      record: { cluster: 'eu-1' },
      sources: [{ type: 'ebpf', watch: ['/usr/sbin/nginx', 'name:node'] }],
    });
    const file = path.join(await scratchFolder('chart'), 'capture.yaml');
    await writeFile(file, written ?? '');
    const { stdout } = await run(process.execPath, [capture, 'validate', '--conf', file]);
    expect(stdout).toMatch(/ok/);
    // No service or monitor of the pump finds these pods.
    expect(daemons?.spec.template.metadata.labels['app.kubernetes.io/name']).not.toBe(
      workloadOf(manifests).spec.template.metadata.labels['app.kubernetes.io/name'],
    );
  });

  it('has something to see on request: an API, a client that calls it, and a sidecar with one right', async () => {
    const manifests = await render('--values', path.join(chart, 'ci', 'demo-values.yaml'));
    const demo = manifests.filter(({ metadata: { name } }) => name.includes('-demo'));
    const [shop, client] = demo.filter(({ kind }) => kind === 'Deployment') as Workload[];
    const service = demo.find(({ kind }) => kind === 'Service');
    const containers = shop?.spec.template.spec.containers as readonly Container[] | undefined;
    const [first, , sidecar] = containers ?? [];
    const written = demo.find(({ kind }) => kind === 'ConfigMap')?.data?.['capture.yaml'] ?? '';

    expect(demo.map(({ kind }) => kind).sort()).toEqual(
      ['ConfigMap', 'Deployment', 'Deployment', 'Service'].sort(),
    );
    // Without it there is nothing of it.
    expect(JSON.stringify(await render())).not.toMatch(/-demo/);
    // The client's address is the service, and the service's labels are those of the shop alone.
    expect(client?.spec.template.spec.containers[0].args).toContain(
      `http://${service?.metadata.name ?? ''}`,
    );
    const { selector, ports } = service?.spec as {
      readonly selector: Readonly<Record<string, string>>;
      readonly ports: readonly { readonly targetPort: string }[];
    };
    expect(shop?.spec.template.metadata.labels).toMatchObject(selector);
    expect(client?.spec.template.metadata.labels).not.toMatchObject(selector);
    expect(workloadOf(manifests).spec.template.metadata.labels).not.toMatchObject(selector);
    expect(first?.ports.map(({ name }) => name)).toEqual(ports.map(({ targetPort }) => targetPort));
    for (const container of [...(containers ?? []), client?.spec.template.spec.containers[0]])
      expect(container?.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    // No processes of others, and no right but that of tcpdump.
    expect(sidecar?.securityContext).toMatchObject({ capabilities: { add: ['NET_RAW'] } });
    expect(JSON.stringify(demo)).not.toMatch(/shareProcessNamespace|hostPID|hostNetwork/);
    expect(parse(written)).toMatchObject({
      storage: { host: 'redis-master', port: 6379 },
      record: { cluster: 'eu-1' },
    });
    const file = path.join(await scratchFolder('chart'), 'capture.yaml');
    await writeFile(file, written);
    const { stdout } = await run(process.execPath, [capture, 'validate', '--conf', file]);
    expect(stdout).toMatch(/ok/);
  });

  it('leaves the number of instances to what scales it', async () => {
    const { spec } = workloadOf(await render('--set', 'autoscaling.enabled=true'));

    expect(spec.replicas).toBeUndefined();
    expect(workloadOf(await render()).spec.replicas).toBe(2);
  });

  it.each([
    ['replica=3', /replica/],
    ['image.tagg=1', /tagg/],
    ['terminationGracePeriodSeconds=5', /terminationGracePeriodSeconds/],
    ['keda.minReplicas=0', /minReplicas/],
    ['autoscaling.enabled=true,keda.enabled=true', /exclude each other/],
    ['spill.enabled=true,autoscaling.enabled=true', /exclude each other/],
    ['serviceMonitor.enabled=true,podMonitor.enabled=true', /counted, twice/],
    ['keda.enabled=true', /keda needs/],
    ['variables.TYK_PMP_ANALYTICSSTORAGECONFIG_PASSWORD=x', /use secretVariables/],
    ['secretVariables.X.name=only', /key/],
    ['config.sluice.admin.operator_token=x,config.pumps.csv.type=csv', /use admin.existingSecret/],
    ['admin.secret=x', /secret/],
    ['deployDemo=java', /deployDemo/],
    // Nothing is written to a Redis that nobody named.
    ['deployDemo=true,existingConfigMap.name=x', /demo\.sidecar\.storage is needed/],
    ['deployDemo=true,config.pumps.csv.type=csv', /demo\.sidecar\.storage is needed/],
    ['ebpf.enabled=true,ebpf.watch={/bin/x},existingConfigMap.name=x', /ebpf\.storage is needed/],
    ['ebpf.enabled=true', /ebpf\.watch, which names processes/],
    ['ebpf.enabled=true,ebpf.everyProcess=true,ebpf.watch={/bin/x}', /exclude each other/],
  ])('refuses %s, with a word of why', async (setting, word) => {
    const { ok, stderr } = await template('--set', setting);

    expect(ok).toBe(false);
    expect(stderr).toMatch(word);
  });
});

describe.skipIf(obstacle !== undefined)('the check of manifests itself', () => {
  it.each([
    ['a field that there is not', { replica: 3 }, /replica/],
    ['a value of another type', { replicas: 'three' }, /replicas/],
  ])('finds %s', async (_, change, word) => {
    const file = path.join(await scratchFolder('chart'), 'manifest.json');
    const { spec, ...rest } = workloadOf(await render());
    await writeFile(file, JSON.stringify({ ...rest, spec: { ...spec, ...change } }));
    const [checked] = await checkManifests(file, kubernetesReleases[0]);

    expect(checked?.status).toBe('statusInvalid');
    expect(checked?.msg).toMatch(word);
  });
});

async function configOf(...args: readonly string[]): Promise<string | undefined> {
  const manifests = await render(...args);
  return manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['pump.conf'];
}

/** What the process would find there; of what is in a Secret something. */
const environmentOf = ({ env }: Container): Readonly<Record<string, string>> =>
  Object.fromEntries(env.map(({ name, value = `secret-of-${name}` }) => [name, value]));

/** What the built service says of a configuration. What the chart mounts lies in a folder of this machine. */
async function validate(config: string, env: Readonly<Record<string, string>>): Promise<string> {
  const folder = await scratchFolder('chart');
  const here = (text: string): string =>
    text.replaceAll(/\/(etc\/tls|etc\/sluice-tls|var\/lib\/sluice)/g, `${folder}/$1`);
  const { caFile, certFile, keyFile } = await makeCertificates();
  for (const name of ['tls', 'sluice-tls'])
    await mkdir(path.join(folder, 'etc', name), { recursive: true });
  await cp(caFile, path.join(folder, 'etc', 'tls', 'ca.crt'));
  await cp(certFile, path.join(folder, 'etc', 'sluice-tls', 'tls.crt'));
  await cp(keyFile, path.join(folder, 'etc', 'sluice-tls', 'tls.key'));
  const conf = path.join(folder, 'pump.conf');
  await writeFile(conf, here(config));
  const variables = Object.entries(env).map(([name, value]) => [name, here(value)] as const);
  const args = [main, 'validate', '--strict', '--conf', conf];
  const { stdout, stderr } = await run(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...Object.fromEntries(variables) },
  });
  return stdout + stderr;
}
