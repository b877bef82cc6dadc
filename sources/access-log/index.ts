import { defineSource } from '#source';
import { startAccessLog } from './access-log.ts';
import { inspectAccessLog } from './inspect.ts';
import { check, options } from './options.ts';

export default defineSource({
  type: 'access-log',
  title: 'Access logs',
  summary:
    'Records of calls from the access logs of nginx and Envoy, without headers and bodies: files, or as they grow.',
  options,
  words: 'file',
  check,
  inspect: inspectAccessLog,
  start: startAccessLog,
});
