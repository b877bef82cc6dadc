import { defineSource } from '#source';
import { inspectPackets } from './inspect.ts';
import { options } from './options.ts';
import { check } from './settings.ts';
import { startPackets } from './start.ts';

export default defineSource({
  type: 'packets',
  title: 'Packets',
  summary:
    'Looks at packets by the wayside, of an interface or of files: HTTP/1 and HTTP/2 in the clear becomes records, TLS and other protocols are counted.',
  options,
  words: 'files',
  check,
  inspect: inspectPackets,
  start: startPackets,
});
