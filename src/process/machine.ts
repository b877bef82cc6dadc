import { readFile } from 'node:fs/promises';

/** What Node.js and the system say of this process, for `sluice doctor`. */
export async function readMachine(): Promise<{
  readonly node: string;
  readonly mostOpenFiles: number | undefined;
  readonly memoryLimit: number | undefined;
}> {
  return {
    node: process.versions.node,
    mostOpenFiles: await openFiles(),
    memoryLimit: memoryLimit(),
  };
}

/** The limit in force; undefined where the system does not tell, or has none. */
async function openFiles(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

/** Without one Node gives 0, or, where the container has none of its own, more than there is. */
function memoryLimit(): number | undefined {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < 2 ** 50 ? limit : undefined;
}
