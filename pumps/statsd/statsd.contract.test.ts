import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import statsd from './index.ts';
import { type LineReceiver, TcpReceiver, UdpReceiver } from './testing.ts';

const meta = { fields: ['request_time'], tags: ['path'], separated_method: true };

/** The contract's paths have dashes and lower case letters only: they are seen in the names. */
const harness = (receiver: LineReceiver): SinkHarness => ({
  pump: aPreparedPump(statsd, { ...meta, address: receiver.address }),
  received: () => receiver.lines(),
  break: () => Promise.resolve(),
  restore: () => Promise.resolve(),
  stop: () => receiver.close(),
});

describe('over UDP', () => {
  sinkContract(vitest, 'statsd', async () => {
    const receiver = new UdpReceiver();
    await receiver.open();
    return { ...harness(receiver), cannotKnow: ['outage'] };
  });
});

describe('over TCP', () => {
  sinkContract(vitest, 'statsd', async () => {
    const receiver = new TcpReceiver();
    await receiver.open();
    return {
      ...harness(receiver),
      break: () => receiver.close(),
      restore: () => receiver.open(),
      stall: () => {
        receiver.stall();
        return Promise.resolve();
      },
    };
  });
});
