import { definePump, httpServers, type Pump } from '#pump';
import { messageShape } from './encode.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { limitsOf, settingsOf } from './settings.ts';
import { withFixedTimeout } from './timeout.ts';

const kafka = definePump({
  type: 'kafka',
  title: 'Kafka Pump',
  summary: 'Sends each record as a message to a Kafka topic.',
  options,
  document: (options) => messageShape(settingsOf(options).metaData),
  limits: limitsOf,
  // A broker fences all producers with a transactional id but the latest.
  workers: ({ transactional_id }) => (transactional_id === '' ? 'any' : 'one'),
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  servers: ({ sasl_oauth_token_url }) => httpServers(sasl_oauth_token_url),
  open: openSink,
});

const pump: Pump = { ...kafka, prepare: (source) => kafka.prepare(withFixedTimeout(source)) };

export default pump;
