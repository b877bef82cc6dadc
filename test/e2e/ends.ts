import { afterEach } from 'vitest';

/** Makes a function that takes what a test has started: it is stopped after that test, the last one first. */
export function stoppedAfterEach(): <T extends { stop(): unknown }>(started: T) => T {
  const all: { stop(): unknown }[] = [];
  afterEach(async () => {
    for (const each of all.splice(0).reverse()) await each.stop();
  });
  return (started) => {
    all.push(started);
    return started;
  };
}
