import { defineSource } from '#source';
import { inspectEbpf } from './inspect.ts';
import { check, options } from './options.ts';
import { startEbpf } from './start.ts';

export default defineSource({
  type: 'ebpf',
  title: 'TLS of running programs',
  summary:
    'What programs read from TLS and write to it, in the clear, seen by the kernel: no restart, no certificate, no proxy.',
  options,
  words: 'watch',
  check,
  inspect: inspectEbpf,
  start: startEbpf,
});
