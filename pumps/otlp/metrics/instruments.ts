import { type AnalyticsRecord, type IntegerField, integerReader } from '#pump';

/** What is measured of a record. */
export interface Instrument {
  readonly name: string;
  readonly unit: 's' | 'By';
  readonly description: string;
  /** Undefined where the record does not know. */
  readonly read: (record: AnalyticsRecord) => number | undefined;
}

const seconds = (name: string, description: string, field: IntegerField): Instrument => {
  const read = integerReader(field);
  return { name, unit: 's', description, read: (record) => Number(read(record)) / 1_000 };
};

const lengthOf = integerReader('content_length');

const all: readonly Instrument[] = [
  seconds('http.server.request.duration', 'Duration of HTTP server requests.', 'request_time'),
  seconds(
    'tyk.upstream.request.duration',
    'Duration of what the upstream did of a request.',
    'latency.upstream',
  ),
  seconds(
    'tyk.gateway.request.duration',
    'Duration of what the gateway did of a request.',
    'latency.gateway',
  ),
  {
    name: 'http.server.request.body.size',
    unit: 'By',
    description: 'Size of HTTP server request bodies.',
    read(record) {
      const length = Number(lengthOf(record));
      return length < 0 ? undefined : length;
    },
  },
];

export const metricNames: readonly string[] = all.map(({ name }) => name);

/** In the order of the table. */
export const instrumentsOf = (names: readonly string[]): readonly Instrument[] =>
  all.filter(({ name }) => names.includes(name));

/** Of sizes the conventions say nothing. */
export const sizeBounds: readonly number[] = [
  0, 128, 512, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304,
];
