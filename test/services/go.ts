import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/user-cache.mjs';
import { Unavailable } from './process.ts';

const run = promisify(execFile);
const limit = 900_000;

export interface GoTool {
  /** The name of its program. */
  readonly name: string;
  /** That of its folder in the cache, where it is another one. */
  readonly folder?: string;
  /** Its package, without a version. */
  readonly package: string;
  readonly version: string;
}

/** The path of a program that is built with Go on first use. Throws `Unavailable` where that cannot be. */
export async function needGoTool({ name, version, ...tool }: GoTool): Promise<string> {
  const folder = userCache(tool.folder ?? name, version);
  const program = path.join(folder, name);
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  console.warn(`Building ${name} ${version} with Go.`);
  // Plain Go, without symbols: a third less to compile and to link.
  const args = ['install', '-trimpath', '-ldflags=-s -w', `${tool.package}@${version}`];
  await go(name, args, { GOBIN: folder, CGO_ENABLED: '0' });
  return program;
}

/** The folder of a module's sources. Throws `Unavailable` where it cannot be fetched. */
export async function needGoModule(module: string, version: string): Promise<string> {
  const told = await go(module, ['mod', 'download', '-json', `${module}@${version}`]);
  return (JSON.parse(told) as { readonly Dir: string }).Dir;
}

async function go(
  what: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const options = { env: { ...process.env, ...env }, timeout: limit };
    return (await run('go', args, options)).stdout;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Unavailable(`${what} cannot be had by Go here: ${reason ?? ''}`);
  }
}
