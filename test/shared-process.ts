/* eslint-disable @typescript-eslint/unbound-method -- compared with what they were, never called */
/**
 * Set up before each file of `unit`. Those files share processes, so each has to leave its process as it found it; what
 * cannot (another time zone, timers of the test runner's own) is called *.alone.test.ts and gets a process to itself.
 */
import { afterAll, expect, vi } from 'vitest';
import { heldResources, leftBehind } from '../src/pump/testing/process-state.ts';

/** Listened to once for the life of a process, by who starts servers (test/services/process.ts). */
const forTheEnd: readonly (string | symbol)[] = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'];
const before = { state: sharedState(), resources: heldResources() };

afterAll(async () => {
  expect(sharedState(), 'this file changes what other test files share').toEqual(before.state);
  expect(await leftBehind(before.resources), 'this file leaves something open').toEqual([]);
});

function sharedState() {
  const { console, process } = globalThis;
  return {
    environment: { ...process.env },
    folder: process.cwd(),
    listeners: process
      .eventNames()
      .filter((name) => !forTheEnd.includes(name))
      .map((name) => [name, process.listenerCount(name)]),
    hasFakeTimers: vi.isFakeTimers(),
    // tslib, which the official client of Elasticsearch brings, makes globals of two underscores.
    globals: Object.getOwnPropertyNames(globalThis)
      .filter((name) => !name.startsWith('__'))
      .sort(),
    methods: [
      ...[setTimeout, setInterval, setImmediate, fetch, Date, Math.random, performance.now],
      ...[console.log, console.error, process.stdout.write, process.stderr.write, process.exit],
    ],
    stackTraceLimit: Error.stackTraceLimit,
  };
}
