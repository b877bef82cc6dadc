/** The Dockerfile and the workflows, by the linters of each. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintWorkflow, needActionlint } from '../../services/actionlint.ts';
import { lintDockerfile, needHadolint } from '../../services/hadolint.ts';
import { scratchFolder, whyUnavailable } from '../../services/process.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const workflows = path.join(root, '.github', 'workflows');
const obstacles = {
  dockerfile: await whyUnavailable(needHadolint),
  workflow: await whyUnavailable(needActionlint),
};

it.for(['dockerfile', 'workflow'] as const)('the linter of a %s is there', (kind, { skip }) => {
  if (obstacles[kind] !== undefined) skip(obstacles[kind]);
});

describe.skipIf(obstacles.dockerfile !== undefined)('the Dockerfile', () => {
  it('has nothing that hadolint warns of', async () => {
    expect(await lintDockerfile(path.join(root, 'Dockerfile'))).toEqual([]);
  });

  it('would have, as root or with an image of any version', async () => {
    const file = path.join(await scratchFolder('lint'), 'Dockerfile');
    await writeFile(file, 'FROM node\nUSER root\n');

    expect((await lintDockerfile(file)).join()).toMatch(/DL3006.*DL3002/);
  });
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions?: Readonly<Record<string, string>>;
        readonly 'timeout-minutes'?: number;
        readonly steps: readonly Step[];
      }
    >
  >;
}

describe.each(readdirSync(workflows))('the workflow %s', (name) => {
  const text = readFileSync(path.join(workflows, name), 'utf8');
  const { permissions, jobs } = parse(text) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it.skipIf(obstacles.workflow !== undefined)('has nothing that actionlint finds', async () => {
    expect(await lintWorkflow(path.join(workflows, name))).toBe('');
  });

  it('has actions of one version each, and ends', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    const versions = new Map(actions.map((action) => action.split('@') as [string, string]));

    expect(actions.length).toBeGreaterThan(2);
    for (const [action, version] of versions) {
      expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
      expect(actions.filter((one) => one.startsWith(`${action}@`))).toEqual(
        actions.filter((one) => one === `${action}@${version}`),
      );
    }
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('may do nothing but what its jobs say, and knows no secret', () => {
    const granted = Object.entries(permissions).filter(([, right]) => right !== 'read');

    expect(granted).toEqual([]);
    expect(text).not.toMatch(/secrets\.|write-all/);
    // What somebody else wrote is never a part of a command.
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/);
    // Whoever may write does not run the tests, with all that they install.
    for (const job of Object.values(jobs)) {
      const writes = Object.values(job.permissions ?? {}).includes('write');
      const tests = job.steps.some(({ run = '' }) => run.includes('.ci/run'));
      expect(writes && tests).toBe(false);
    }
  });
});

describe.skipIf(obstacles.workflow !== undefined)('the check of workflows itself', () => {
  it('finds a key that there is not, and an output that nobody gives', async () => {
    const folder = path.join(await scratchFolder('lint'), '.github', 'workflows');
    await mkdir(folder, { recursive: true });
    const text = readFileSync(path.join(workflows, 'release.yml'), 'utf8');
    const file = path.join(folder, 'release.yml');
    await writeFile(
      file,
      text.replace('needs: test', 'need: test').replace('outputs.host', 'output.host'),
    );
    const said = await lintWorkflow(file);

    expect(said).toMatch(/"need"/);
    expect(said).toMatch(/output/);
  });
});
