import * as vitest from 'vitest';
import type { PreparedPump } from '#pump';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import { collectStatements } from '../../src/lib/collect-statements.testing.ts';
import { storedCalls } from '../../src/traffic/testing.ts';
import { breakableFolder } from '../shared/files/breakable-folder.testing.ts';
import traffic from './index.ts';

sinkContract(vitest, 'traffic', aFolderHarness);

async function aFolderHarness(): Promise<SinkHarness> {
  const { folder, ...outages } = await breakableFolder();
  return {
    pump: collecting(aPreparedPump(traffic, { folder })),
    received: async () => (await storedCalls(folder)).map(({ record }) => record.text('path')),
    ...outages,
    async stop() {
      await collectStatements();
      await outages.stop();
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
