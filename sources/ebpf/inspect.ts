import { readFile } from 'node:fs/promises';
import { env } from 'node:process';
import { explain, type Finding } from '#source';
import { isProgram } from '../shared/files/inspect-files.ts';
import { loaderCommand } from './loader/find.ts';
import type { Options } from './options.ts';

/**
 * What this machine lacks to look into TLS: the loader, or the rights that it needs. Warnings, for it may be checked on another machine.
 * Never rejects.
 */
export async function inspectEbpf({ loader }: Options): Promise<readonly Finding[]> {
  const lacks = (found: string, expected: string): readonly Finding[] => [
    { option: 'loader', found, expected, severity: 'warning' },
  ];
  try {
    const [program = ''] = loaderCommand(loader);
    if (!isProgram(program, env['PATH'] ?? ''))
      return lacks(
        `${program}, which cannot be started on this machine`,
        'the command that starts the loader',
      );
  } catch (error) {
    return lacks('nothing', explain(error));
  }
  // A command of the operator's may bring its own rights.
  if (loader.length > 0 || (await mayLoad())) return [];
  return lacks(
    'nothing, and this process may not load programs into the kernel',
    'root, or a command with the rights, such as [sudo, -n, /usr/lib/sluice/sluice-ebpf]',
  );
}

/** CAP_SYS_ADMIN, or CAP_BPF (capability.h). Where it cannot be known, true. */
async function mayLoad(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const hex = /^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1];
  return hex === undefined || (BigInt(`0x${hex}`) & ((1n << 21n) | (1n << 39n))) !== 0n;
}
