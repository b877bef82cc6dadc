/** The kit's other door, for the tests of pumps: the contract every sink keeps, and builders. */

export { FakeClock } from '../../lib/fake-clock.testing.ts';
export {
  aBatch,
  anEntry,
  anUptimeBatch,
  aPreparedPump,
  aWeighedEntry,
  type BatchOverrides,
  failureOf,
  type RecordOverrides,
} from './builders.ts';
export { aContext, type LogLine, type TestContext } from './context.ts';
export { answerOnce, deliverOnce, outcomesOf } from './delivering.ts';
export type { SinkHarness, Unknowable } from './harness.ts';
export { FakeHttpServer, type ReceivedRequest, type Reply } from './http-server.ts';
export { LocalServer } from './local-server.ts';
export { optionTable } from './option-table.ts';
export { sinkContract } from './sink-contract.ts';
export type { RunningTest, TestRunner } from './test-runner.ts';
