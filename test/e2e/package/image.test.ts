/** The image, as far as it can be made without a container: what the Dockerfile copies is enough to build and to run. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { findNode, releases } from '../../../scripts/lib/node-releases.mjs';
import { launch, scratchFolder, until } from '../../services/process.ts';
import { link, linkPackages } from './checkout.ts';
import { operatorEnvironment } from './shell.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** The instructions of each stage, one a line. */
async function readStages(): Promise<readonly (readonly string[])[]> {
  const text = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  const stages = text.replaceAll(/^#.*\n/gm, '').split(/^FROM .*\n/m);
  return stages.slice(1).map((stage) => stage.split('\n'));
}

/** As `COPY` does it: the content of a folder, and files under their names. */
async function copyAll(instructions: readonly string[], from: string, to: string): Promise<void> {
  for (const line of instructions) {
    const [, words = ''] = /^COPY (?:--from=\S+ )?(.+)$/.exec(line) ?? [];
    const sources = words.split(' ').filter(Boolean);
    const target = sources.pop() ?? '';
    for (const source of sources) {
      const name = target.endsWith('/') ? path.basename(source) : '';
      const place = path.join(to, target, name);
      await mkdir(path.dirname(place), { recursive: true });
      await link(path.resolve(root, source.replace('/opt/sluice', from)), place);
    }
  }
}

it('copies what the build needs, and then what the program needs', async () => {
  const stages = await readStages();
  const [build = [], image = []] = [stages[0], stages.at(-1)];
  const folder = await scratchFolder('image');
  const [built, shipped] = [path.join(folder, 'built'), path.join(folder, 'shipped')];
  await mkdir(built);
  await mkdir(shipped);
  const commands = build.flatMap((line) =>
    line.startsWith('RUN ') ? line.slice(4).split(' && ') : [],
  );
  const builds = commands.filter((command) => command.startsWith('npm run '));
  expect(builds).toHaveLength(1);

  await copyAll(build, root, built);
  await linkPackages(built);
  await run('sh', ['-c', builds.join()], { cwd: built, env: operatorEnvironment() });
  await copyAll(image, built, shipped);

  const [, program = ''] =
    /ln -s \/opt\/sluice\/(\S+) \/usr\/local\/bin\/sluice /.exec(image.join('\n')) ?? [];
  const { stdout } = await run(process.execPath, [path.join(shipped, program), '--version']);
  expect(stdout).toMatch(/^sluice v\d/);
});

it('has all of the demo that Node needs, which runs it as it is written', async () => {
  const text = await readFile(path.join(root, 'Dockerfile'), 'utf8');
  const [stage = ''] = /^FROM node:24-slim AS sluice-demo$[^]*?(?=^FROM )/m.exec(text) ?? [];
  const folder = await scratchFolder('image');
  await copyAll(stage.split('\n'), root, folder);
  const node = await findNode(releases.find((release) => release.startsWith('24.')) ?? '');
  const [, program = ''] = /^ENTRYPOINT \["node", "\/opt\/sluice\/(\S+)"\]$/m.exec(stage) ?? [];
  const services = launch(node, [path.join(folder, program), 'services', '--folder', folder], {
    env: operatorEnvironment(),
  });
  await until(
    'its services listen, or have failed',
    () => services.output().split('\n').length === 3 || !services.isRunning(),
  );

  expect(services.output()).toMatch(/"payments"[^]*"rates"[^]*"stock"/);
  await services.stop();
  expect(services.exit()?.code).toBe(0);
});
