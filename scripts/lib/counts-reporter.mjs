// A reporter for vitest: at the end it says which tests failed or were skipped, and why, so that none is left out in silence.
import { writeFileSync } from 'node:fs';
import { workerEnds } from './worker-ends.mjs';

/**
 * Writes `{passed, failed, failures, skipped}` to the file that SLUICE_COUNTS names: two numbers, and a line for each
 * failure and each reason to skip.
 */
export default class CountsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const failures = [
      ...modules.flatMap(failuresOf),
      ...unhandledErrors.map((error) => `outside of any test: ${causesOf(error).join(' ← ')}`),
      ...(unhandledErrors.length > 0 ? modules.flatMap(unfinishedOf) : []),
      ...workerEnds().map((end) => `outside of any test: ${end}`),
    ];
    const skipped = skipsOf(modules);
    for (const line of skipped) console.log(`skipped: ${line}`);
    const passed = modules.flatMap((module) => [...module.children.allTests('passed')]).length;
    const file = process.env.SLUICE_COUNTS;
    const counts = { passed, failed: failures.length, failures, skipped };
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}

/** A suite whose hook failed, or a file that cannot even be loaded, counts as one: vitest calls its tests skipped. */
function failuresOf(module) {
  const suites = [module, ...module.children.allSuites()];
  const broken = suites.flatMap((suite) =>
    suite.errors().map(({ message }) => lineOf(module, suite.fullName, message)),
  );
  const tests = [...module.children.allTests('failed')].map((test) =>
    lineOf(module, test.fullName, test.result().errors?.[0]?.message),
  );
  return [...broken, ...tests];
}

const lineOf = (module, name, message) =>
  `${[module.relativeModuleId, name].filter(Boolean).join(' > ')}: ${firstLine(message)}`;

/** What an error says and what its causes say, a line each. */
function causesOf(error) {
  const said = [];
  for (let each = error; each !== undefined && each !== null && said.length < 5; each = each.cause)
    said.push([each.code, firstLine(each.message ?? String(each))].filter(Boolean).join(': '));
  return said;
}

/** Where a worker was when it broke: a file without an end, and the first of its tests without a result. */
function unfinishedOf(module) {
  if (!['queued', 'pending'].includes(module.state())) return [];
  const [test] = module.children.allTests('pending');
  return [lineOf(module, test?.fullName, 'did not come to an end')];
}

/** Those with a reason by their reason, the others by the name of their suite; with their number. */
function skipsOf(modules) {
  const reasons = new Map();
  for (const module of modules)
    for (const test of module.children.allTests('skipped')) {
      const said = test.result().note ?? `${suiteOf(module, test)} (no reason given)`;
      reasons.set(said, (reasons.get(said) ?? 0) + 1);
    }
  return [...reasons].map(([reason, tests]) => `${tests} × ${reason}`);
}

const suiteOf = (module, { fullName }) => `${module.relativeModuleId}: ${fullName.split(' > ')[0]}`;

const firstLine = (text = '') => text.trim().split('\n')[0].slice(0, 300);
