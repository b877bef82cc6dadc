import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scratchFolder } from '../../services/process.ts';
import { operatorEnvironment } from './shell.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

export interface Packed {
  /** The tarball. */
  readonly file: string;
  readonly bytes: number;
  /** Paths within the package. */
  readonly files: readonly string[];
}

/** What `npm pack` makes of the checkout as it is built; without building, for other tests run what is in dist. */
export async function pack(): Promise<Packed> {
  const folder = await scratchFolder('packed');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: root });
  const [made] = JSON.parse(stdout) as readonly NpmPacked[];
  if (made === undefined) throw new Error(`npm packed nothing: ${stdout}`);
  return {
    file: path.join(folder, made.filename),
    bytes: made.size,
    files: made.files.map((file) => file.path).sort(),
  };
}

/** Of what `npm pack --json` prints. */
interface NpmPacked {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/**
 * Installs a tarball as somebody does who has neither a clone nor a compiler. Gives the packages that are there then, and
 * their folder.
 */
export async function install(
  file: string,
  ...more: readonly string[]
): Promise<{ readonly packages: readonly string[]; readonly modules: string }> {
  const folder = await scratchFolder('installed');
  const args = ['install', '--prefix', folder, '--omit=dev', '--ignore-scripts', ...more, file];
  await run('npm', args, { cwd: folder, env: operatorEnvironment() });
  const modules = path.join(folder, 'node_modules');
  const lock = JSON.parse(await readFile(path.join(modules, '.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  const packages = Object.keys(lock.packages).map((name) => name.replace('node_modules/', ''));
  return { packages, modules };
}
