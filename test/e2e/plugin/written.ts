/** The package of docs/plugins.md, written word for word in a folder outside of the checkout, with Sluice installed in it. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder } from '../../services/process.ts';
import { pack } from '../package/packed.ts';
import { operatorEnvironment } from '../package/shell.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** Runs a program to its end; gives what it printed, also where it failed. */
export async function printed(
  cwd: string,
  program: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly text: string }> {
  try {
    const env = { ...operatorEnvironment(), NO_COLOR: '1', FORCE_COLOR: undefined };
    const { stdout, stderr } = await run(program, args, { cwd, env });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    // As `execFile` says how it ended.
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    return { code: typeof code === 'number' ? code : 1, text: stdout + stderr };
  }
}

/** The files of the page by name: a name, then what is in it. */
async function filesOfPage(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(path.join(root, 'docs/plugins.md'), 'utf8');
  const found = page.matchAll(/^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$/gms);
  return new Map([...found].map(([, name = '', text = '']) => [name, text]));
}

/** Writes the package and installs Sluice in it from its tarball; of the tools the checkout's, which need no network. */
export async function writePackage(): Promise<{
  readonly folder: string;
  readonly sluice: string;
}> {
  const folder = await scratchFolder('plugin');
  for (const [name, text] of await filesOfPage()) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const { file } = await pack();
  const args = ['install', '--save-dev', '--ignore-scripts', '--omit=optional', file];
  await run('npm', args, { cwd: folder, env: operatorEnvironment() });
  const modules = path.join(folder, 'node_modules');
  await mkdir(path.join(modules, '@types'));
  for (const tool of ['typescript', 'vitest', '@types/node'])
    await symlink(path.join(root, 'node_modules', tool), path.join(modules, tool));
  return { folder, sluice: path.join(modules, '.bin', 'sluice') };
}

/** The folder of an operator: the page's `pump.json`, the package installed beside it, and no Sluice. */
export async function installPackage(
  packageFolder: string,
  change: (config: Record<string, unknown>) => void,
): Promise<string> {
  const folder = await scratchFolder('operator');
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: packageFolder,
    env: operatorEnvironment(),
  });
  const [made] = JSON.parse(stdout) as readonly { readonly filename: string }[];
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--offline'];
  await run('npm', [...args, path.join(folder, made?.filename ?? '')], {
    cwd: folder,
    env: operatorEnvironment(),
  });
  const config = JSON.parse((await filesOfPage()).get('pump.json') ?? '') as Record<
    string,
    unknown
  >;
  change(config);
  await writeFile(path.join(folder, 'pump.json'), JSON.stringify(config));
  return folder;
}

/** A package of the name of Sluice, where the plugin would find it without help. */
export async function putAnotherSluice(folder: string): Promise<void> {
  const other = path.join(folder, 'node_modules', 'sluice');
  await mkdir(other, { recursive: true });
  const exports = { './pump': './pump.js' };
  await writeFile(path.join(other, 'package.json'), JSON.stringify({ name: 'sluice', exports }));
  await writeFile(path.join(other, 'pump.js'), 'throw new Error("another copy of the kit");');
}
