import { definePump, httpProblems, httpServers, mebibytes, millis, openHttpClient } from '#pump';
import { documentShape } from './encode.ts';
import { options } from './options.ts';
import { LinesSink } from './sink.ts';

export default definePump({
  type: 'template',
  title: 'Template Pump',
  summary: 'Sends each record as a line of JSON over HTTP.',
  options,
  document: () => documentShape,
  limits: { records: 1_000, bytes: mebibytes(5), age: millis(1_000), inFlight: 4 },
  // What a repeat does at the destination: `stored-twice`, or `harmless` where it knows a record by its id.
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: (given) => httpProblems('url', given, 'token'),
  servers: ({ url }) => httpServers(url),
  async open(given, context, signal) {
    const [url] = httpServers(given.url);
    const headers = {
      authorization: `Bearer ${given.token.reveal()}`,
      'content-type': 'application/x-ndjson',
    };
    const client = await openHttpClient({ url, headers }, given, context, signal);
    return new LinesSink(client, context.document);
  },
});
