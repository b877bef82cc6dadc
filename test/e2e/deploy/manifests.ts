import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { helm } from '../../services/helm.ts';

export const chart = fileURLToPath(new URL('../../../deploy/helm/sluice/', import.meta.url));
/** What Helm takes for the cluster's where nothing else is said is older than the chart. */
export const oldest = ['--kube-version', '1.27.0'];

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: unknown;
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: unknown;
  readonly resources: unknown;
  readonly livenessProbe: unknown;
  readonly readinessProbe: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Workload extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly volumeClaimTemplates?: readonly unknown[];
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly securityContext: unknown;
        readonly terminationGracePeriodSeconds: number;
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

export const template = (...args: readonly string[]) =>
  helm(['template', 'pump', chart, '--namespace', 'tyk', ...oldest, ...args]);

/** What the chart makes of these arguments. Throws where it makes nothing. */
export async function render(...args: readonly string[]): Promise<readonly Manifest[]> {
  const { ok, stdout, stderr } = await template(...args);
  if (!ok) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

/** What is beside the pump: the demo, and what runs on each node. It has labels of its own. */
export const isBeside = ({ kind, metadata: { name } }: Manifest): boolean =>
  kind === 'DaemonSet' || /-demo(-client)?$/.test(name);

export function workloadOf(manifests: readonly Manifest[]): Workload {
  const found = manifests.find(
    (each) => (each.kind === 'Deployment' || each.kind === 'StatefulSet') && !isBeside(each),
  );
  if (found === undefined) throw new Error('no workload');
  return found as Workload;
}
