import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, sinkContract } from '#pump/testing';
import dogstatsd from './index.ts';
import { UdpReceiver, UnixReceiver } from './testing.ts';

describe('over UDP', () => {
  sinkContract(vitest, 'dogstatsd', async () => {
    const receiver = new UdpReceiver();
    await receiver.open();
    return {
      pump: aPreparedPump(dogstatsd, { address: `127.0.0.1:${receiver.port}`, tags: ['path'] }),
      cannotKnow: ['outage'],
      received: () => receiver.lines(),
      break: () => Promise.resolve(),
      restore: () => Promise.resolve(),
      stop: () => receiver.close(),
    };
  });
});

const withoutUnixSockets = await UnixReceiver.create().then(
  (receiver) => receiver.close().then(() => undefined),
  () => 'unix-dgram, an optional native module, was not compiled on this machine',
);
if (withoutUnixSockets !== undefined) console.warn(`Tests are skipped: ${withoutUnixSockets}`);

describe.skipIf(withoutUnixSockets !== undefined)('over a Unix socket', () => {
  sinkContract(vitest, 'dogstatsd', async () => {
    const receiver = await UnixReceiver.create();
    return {
      pump: aPreparedPump(dogstatsd, { address: `unix://${receiver.path}`, tags: ['path'] }),
      received: () => receiver.lines(),
      break: () => receiver.break(),
      restore: () => {
        receiver.open();
        return Promise.resolve();
      },
      stop: () => receiver.close(),
    };
  });
});
