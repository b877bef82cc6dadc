/** What a test runner gives the contract suite: the whole module of Vitest, or parts of another. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: (test: RunningTest) => Promise<void>) => unknown;
  readonly beforeAll: (hook: () => Promise<void>) => unknown;
  readonly afterAll: (hook: () => Promise<void>) => unknown;
  readonly beforeEach: (hook: () => Promise<void>) => unknown;
  readonly afterEach: (hook: () => Promise<void>) => unknown;
}

/** A test that runs, as the runner shows it to itself. */
export interface RunningTest {
  skip(reason: string): unknown;
}
