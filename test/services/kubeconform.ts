import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { needGoTool } from './go.ts';
import { type KubernetesRelease, needKubernetesSchemas } from './kubernetes-schemas.ts';

const run = promisify(execFile);

/** Throws `Unavailable` where it, or the schemas, are not there and cannot be had. */
export async function needKubeconform(): Promise<string> {
  await needKubernetesSchemas();
  return needGoTool({
    name: 'kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: 'v0.8.0',
  });
}

interface Checked {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly msg: string;
}

/** What it says of each manifest in a file: `statusValid`, or something else with a message. */
export async function checkManifests(
  file: string,
  release: KubernetesRelease,
): Promise<readonly Checked[]> {
  const schemas = path.join(await needKubernetesSchemas(), release);
  const location = path.join(schemas, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
  const args = ['-output', 'json', '-verbose', '-schema-location', location, file];
  const said = await run(await needKubeconform(), args).then(
    ({ stdout }) => stdout,
    // It ends with 1 where a manifest is wrong.
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );
  return (JSON.parse(said) as { readonly resources: readonly Checked[] }).resources;
}
