import { defineSource } from '#source';
import { startHar } from './har.ts';
import { inspectHar } from './inspect.ts';
import { check, options } from './options.ts';

export default defineSource({
  type: 'har',
  title: 'HAR files',
  summary:
    'Records of calls that browsers and other tools have written down as HAR 1.2: files, folders, or entries that are posted.',
  options,
  words: 'files',
  check,
  inspect: inspectHar,
  start: startHar,
});
