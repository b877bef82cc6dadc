import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vitest from 'vitest';
import type { PreparedPump } from '#pump';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { collectStatements } from '../../src/lib/collect-statements.testing.ts';
import { storedCalls } from '../../src/traffic/testing.ts';
import traffic from './index.ts';

sinkContract(vitest, 'traffic', aFolderHarness);

/** The folder goes away and a file stands in its place: even root cannot write there. */
async function aFolderHarness(): Promise<SinkHarness> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-traffic-'));
  const folder = join(root, 'made', 'by the pump');
  const elsewhere = join(root, 'elsewhere');
  let isBroken = false;
  return {
    pump: collecting(aPreparedPump(traffic, { folder })),
    received: async () => (await storedCalls(folder)).map(({ record }) => record.text('path')),
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
    async stop() {
      await collectStatements();
      await rm(root, { recursive: true });
    },
  };
}

/** What a sink has closed is gone from the process at once, and not some time later. */
const collecting = (pump: PreparedPump): PreparedPump => ({
  ...pump,
  async open(context, signal) {
    const sink = await pump.open(context, signal);
    return {
      deliver: (batch, aborts) => sink.deliver(batch, aborts),
      check: (aborts) => sink.check(aborts),
      async close(aborts) {
        await sink.close(aborts);
        await collectStatements();
      },
    };
  },
});
