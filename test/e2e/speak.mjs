/**
 * Loaded into every thread by `--import`: speaks as libraries and Node do, in every way there is, again and again. The
 * texts tell where they come from.
 */
import { isMainThread } from 'node:worker_threads';

const thread = isMainThread ? 'main' : 'worker';

function speak() {
  for (const method of ['debug', 'error', 'info', 'log', 'warn'])
    console[method](`${thread} %s over\ntwo lines`, `console.${method}`, { nested: ['object'] });
  process.stderr.write(`${thread} stderr in one, `);
  process.stderr.write('in the other piece\n');
  process.stdout.write(`${thread} stdout\n`);
  process.emitWarning(`${thread} a warning`, { code: 'TEST_WARNING', detail: 'with a detail' });
  process.emitWarning(`${thread} a deprecation`, 'DeprecationWarning', `TEST_${Math.random()}`);
}

// What is said before the service runs, nobody can hear; it heeds signals from its first moment on.
setInterval(() => {
  if (!isMainThread || process.listenerCount('SIGTERM') > 0) speak();
}, 100).unref();
if (isMainThread && process.env['SPEAK_THROW'] !== undefined)
  setTimeout(() => Promise.reject(new Error('a "bug"\nof a test')), 2000).unref();
