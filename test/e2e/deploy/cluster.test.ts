/**
 * The chart before a real API server of Kubernetes with etcd: everything that it makes is taken, first without and then with a trace, and its pods
 * by a namespace that lets in none with more rights than they need. The server is built only where that is asked for
 * (SLUICE_BUILD_KUBERNETES), for it takes longer than all other servers together.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needHelm } from '../../services/helm.ts';
import { type KubernetesServer, startKubernetes } from '../../services/kubernetes.ts';
import { needKubernetes } from '../../services/kubernetes-build.ts';
import { customResources } from '../../services/kubernetes-schemas.ts';
import { until, whyUnavailable } from '../../services/process.ts';
import { chart, type Manifest, render, workloadOf } from './manifests.ts';

const obstacle = (await whyUnavailable(needHelm)) ?? (await whyUnavailable(needKubernetes));

it('an API server of Kubernetes is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

const examples = [
  { name: 'defaults', args: [] as readonly string[] },
  ...readdirSync(path.join(chart, 'ci'))
    .filter((name) => name.endsWith('-values.yaml'))
    .map((name) => ({
      name: name.replace('-values.yaml', ''),
      args: ['--values', path.join(chart, 'ci', name)],
    })),
];

describe.skipIf(obstacle !== undefined)('a cluster', () => {
  let server: KubernetesServer;

  beforeAll(async () => {
    server = await startKubernetes();
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses';
    const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', value: 1000 };
    await server.ask('POST', classes, { ...high, metadata: { name: 'high' } });
    for (const definition of await customResources()) {
      const address = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      expect((await server.ask('POST', address, definition)).body).not.toHaveProperty('message');
    }
  }, 300_000);
  afterAll(() => server.stop());

  interface Named extends Manifest {
    readonly apiVersion: string;
  }

  /** Where things of that kind are made. */
  async function placeOf({ apiVersion, kind }: Named, namespace: string): Promise<string> {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let name: string | undefined;
    await until(`${kind} of ${apiVersion} is known`, async () => {
      const { resources = [] } = (await server.ask('GET', group)).body as {
        readonly resources?: readonly { readonly name: string; readonly kind: string }[];
      };
      name = resources.find((one) => one.kind === kind && !one.name.includes('/'))?.name;
      return name !== undefined;
    });
    return `${group}/namespaces/${namespace}/${name ?? ''}`;
  }

  async function makeNamespace(name: string): Promise<void> {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
    expect((await server.ask('POST', '/api/v1/namespaces', namespace)).status).toBe(201);
    // Some values name an account that is there already.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'pumps' } };
    const accounts = `/api/v1/namespaces/${name}/serviceaccounts`;
    expect((await server.ask('POST', accounts, account)).status).toBe(201);
  }

  describe.each(examples)('with $name', ({ name, args }) => {
    let manifests: readonly Named[];
    beforeAll(async () => {
      await makeNamespace(name);
      manifests = (await render(...args, '--namespace', name)) as readonly Named[];
    });

    it.each(['All', ''])('takes everything that the chart makes (dryRun: %s)', async (dryRun) => {
      for (const manifest of manifests) {
        const query = `?fieldValidation=Strict${dryRun === '' ? '' : `&dryRun=${dryRun}`}`;
        const { status, body } = await server.ask(
          'POST',
          `${await placeOf(manifest, name)}${query}`,
          manifest,
        );

        expect([manifest.kind, status, body['message']]).toEqual([manifest.kind, 201, undefined]);
      }
    });

    it('has it afterwards, and takes a change', async () => {
      for (const manifest of manifests) {
        const place = `${await placeOf(manifest, name)}/${manifest.metadata.name}`;

        expect((await server.ask('GET', place)).status).toBe(200);
      }
      const changed = (await render(
        ...args,
        '--namespace',
        name,
        '--set',
        'podAnnotations.a=b',
      )) as readonly Named[];
      for (const manifest of changed) {
        const place = `${await placeOf(manifest, name)}/${manifest.metadata.name}`;
        const how = '?fieldManager=test&force=true&fieldValidation=Strict';
        const { status, body } = await server.ask('PATCH', `${place}${how}`, manifest);

        expect([manifest.kind, status, body['message']]).toEqual([manifest.kind, 200, undefined]);
      }
    });

    it('lets its pods in, and would not as root', async () => {
      const { template } = workloadOf(manifests).spec;
      const pods = `/api/v1/namespaces/${name}/pods`;
      const pod = (spec: object): object => ({
        ...{ apiVersion: 'v1', kind: 'Pod' },
        metadata: { name: 'pump-0', labels: template.metadata.labels },
        spec: { ...template.spec, ...volumesOf(manifests), ...spec },
      });
      const asRoot = { securityContext: { runAsUser: 0, runAsNonRoot: false } };

      expect((await server.ask('POST', pods, pod({}))).body['message']).toBeUndefined();
      expect((await server.ask('POST', pods, pod(asRoot))).body['message']).toMatch(
        /violates PodSecurity/,
      );
    });
  });

  it('refuses a field that there is not, so that all this means something', async () => {
    await makeNamespace('trial');
    const workload = workloadOf(await render()) as Manifest as Named;
    const { spec, ...rest } = workload;
    const place = `${await placeOf(workload, 'trial')}?fieldValidation=Strict`;
    const { status, body } = await server.ask('POST', place, {
      ...rest,
      metadata: { name: 'x' },
      spec: { ...(spec as object), replica: 3 },
    });

    expect(status).toBe(400);
    expect(body['message']).toMatch(/unknown field "spec.replica"/);
  });
});

/** A StatefulSet gives its pods the volumes that it claims for them. */
function volumesOf(manifests: readonly Manifest[]): object {
  const { template, volumeClaimTemplates = [] } = workloadOf(manifests).spec;
  const claimed = (volumeClaimTemplates as readonly Manifest[]).map(({ metadata: { name } }) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  return { volumes: [...template.spec.volumes, ...claimed] };
}
