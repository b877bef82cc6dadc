import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SinkHarness } from '#pump/testing';

/** A folder that a sink is to make, and what a contract does to it: it goes away, and a file stands in its place, so that not even root can write there. */
export async function breakableFolder(): Promise<
  { readonly folder: string } & Required<Pick<SinkHarness, 'break' | 'restore' | 'stop'>>
> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-contract-'));
  const folder = join(root, 'made', 'by the pump');
  const elsewhere = join(root, 'elsewhere');
  let isBroken = false;
  return {
    folder,
    async break() {
      await mkdir(folder, { recursive: true });
      await rename(folder, elsewhere);
      await writeFile(folder, '');
      isBroken = true;
    },
    async restore() {
      if (!isBroken) return;
      await rm(folder);
      await rename(elsewhere, folder);
      isBroken = false;
    },
    stop: () => rm(root, { recursive: true }),
  };
}
