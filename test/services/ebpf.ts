import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildLoader, missingTools } from '../../scripts/lib/ebpf-loader.mjs';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { LoaderFault, startLoader, unheard } from '../../sources/ebpf/loader/loader.ts';
import { installPackages, needProgram } from './debian.ts';
import { Unavailable } from './process.ts';

const packages = ['clang', 'llvm', 'libbpf-dev', 'libelf-dev'];

/**
 * The path of the loader of the source `ebpf`, built once for these sources. Throws `Unavailable` where it cannot be built,
 * or the kernel does not take it.
 */
export async function needEbpfLoader(): Promise<string> {
  const loader = await built();
  try {
    const started = await startLoader([loader], unheard);
    await started.stop();
  } catch (error) {
    if (!(error instanceof LoaderFault)) throw error;
    throw new Unavailable(`The kernel does not take programs of eBPF: ${error.message}`);
  }
  return loader;
}

/** What gives a program rights of its own. */
export const needSetcap = (): Promise<string> => needProgram('setcap', ['libcap2-bin']);

async function built(): Promise<string> {
  const folder = userCache(
    'ebpf',
    versionOf(fileURLToPath(new URL('../../sources/ebpf/native', import.meta.url))),
  );
  const loader = path.join(folder, 'sluice-ebpf');
  if (existsSync(loader)) return loader;
  if (missingTools().length > 0 && process.platform === 'linux' && process.getuid?.() === 0) {
    console.warn(`Installing ${packages.join(', ')} with apt-get.`);
    await installPackages(packages).catch(() => undefined);
  }
  const missing = missingTools();
  if (missing.length > 0) throw new Unavailable(`eBPF: ${missing.join('; ')}.`);
  // Under its name only when it is whole: others may look for it meanwhile.
  const fresh = `${folder}.${process.pid}`;
  buildLoader(fresh);
  await rename(fresh, folder).catch((error: unknown) => {
    if (!existsSync(loader)) throw error;
  });
  return loader;
}
