import { definePump, httpServers } from '#pump';
import { documentShape } from './fields.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { limitsOf, presetOf } from './settings.ts';

export default definePump({
  type: 'http',
  title: 'HTTP Pump',
  summary:
    'Sends records over HTTP: to a webhook, Loki, Datadog, New Relic, Dynatrace, Logstash, Vector or anything else.',
  options,
  document: () => documentShape,
  limits: limitsOf,
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  preset: presetOf,
  servers: ({ url }) => httpServers(url),
  open: openSink,
});
