import * as vitest from 'vitest';
import { describe } from 'vitest';
import { aPreparedPump, type SinkHarness, sinkContract } from '#pump/testing';
import kafka from './index.ts';
import { FakeBroker } from './producer/fake-broker.testing.ts';

describe.each([
  ['a batch to one partition', {}],
  ['by key, with gzip', { partition_by: 'org_id', compression: 'gzip' }],
  ['by kafkajs', { client: 'kafkajs' }],
])('sending %s', (_, meta) => {
  sinkContract(vitest, 'kafka', () => aBrokerHarness(meta));
});

const password = 'contract-password';
const batchBytes = 200_000;

async function aBrokerHarness(meta: object): Promise<SinkHarness> {
  const broker = new FakeBroker({ password });
  await broker.listen();
  return {
    pump: aPreparedPump(kafka, {
      ...meta,
      broker: [broker.address],
      topic: 'contract',
      batch_bytes: batchBytes,
      sasl_mechanism: 'plain',
      sasl_username: 'contract',
      sasl_password: password,
    }),
    secrets: [password, Buffer.from(`\0contract\0${password}`).toString('base64')],
    poison: { raw_request: 'x'.repeat(batchBytes) },
    received: () => Promise.resolve(broker.messages.map(({ value }) => value)),
    break: () => broker.close(),
    restore: () => broker.listen(),
    stall: () => broker.stall(),
    stop: () => broker.close(),
  };
}
