import { definePump } from '#pump';
import { documentShape } from './encode.ts';
import { nodesOf } from './nodes.ts';
import { openSink } from './opening.ts';
import { guaranteeOf, problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { searchIndicesOf } from './search-indices.ts';
import { limitsOf, settingsOf } from './settings.ts';

export default definePump({
  type: 'elasticsearch',
  title: 'Elasticsearch Pump',
  summary: 'Stores each record as a document in Elasticsearch or OpenSearch.',
  options,
  document: (options) => documentShape(settingsOf(options)),
  limits: limitsOf,
  repeats: 'harmless',
  guarantee: (options) => guaranteeOf(settingsOf(options)),
  check: problemsOf,
  servers: (options) => nodesOf(options).nodes.map(({ url }) => url),
  searchIndices: searchIndicesOf,
  open: openSink,
});
