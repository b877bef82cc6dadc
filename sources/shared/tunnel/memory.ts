import { mostRead } from '../sockets/shared-reads.ts';

/** What tunnels write from, shared by all of them: one that is idle has none. */
const free: Buffer[] = [];
/** More than this is needed only while many wait for a slow side. */
const mostKept = 64;

/** Has room for one read. */
export const takeMemory = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(mostRead);

/** Nothing may read from it any more. */
export function giveBack(memory: Buffer): void {
  if (free.length < mostKept) free.push(memory);
}
