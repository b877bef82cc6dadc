import {
  flag,
  integer,
  type Limits,
  mebibytes,
  millis,
  type OptionsOf,
  type Rule,
  rulesFor,
  text,
} from '#pump';
import { collectionNameProblem } from './names.ts';
import { mongoProblems } from './option-rules.ts';
import { mongoOptions } from './options.ts';
import { readMongoUrl } from './url.ts';

/** Of the pumps that store each record: how much goes into one insert, by Tyk's names (tyk-pump.md, "mongo"). */
export const insertOptions = {
  ...mongoOptions,
  max_insert_batch_size_bytes: integer({
    doc: 'Maximum bytes of one insert. A record counts with its raw request, its raw response and 1,024 bytes. 0: 10 MiB.',
    default: 10_485_760,
    min: 0,
  }),
  max_document_size_bytes: integer({
    doc: 'A record that counts for more bytes is stored without its raw request and response. 0: 10 MiB.',
    default: 10_485_760,
    min: 0,
  }),
};

export type InsertOptions = OptionsOf<typeof insertOptions>;

/** Of those that store in one collection. */
export const collectionOptions = {
  ...insertOptions,
  collection_name: text({ doc: 'Collection the documents go to.', default: '' }),
  collection_cap_enable: flag({
    doc: 'Creates the collection as a capped one, if there is none yet.',
    default: false,
  }),
  collection_cap_max_size_bytes: integer({
    doc: 'Size of a capped collection. 0: 5 GiB.',
    default: 5_368_709_120,
    min: 0,
  }),
};

export type CollectionOptions = OptionsOf<typeof collectionOptions>;

const { error, warning } = rulesFor<CollectionOptions>();

export function* collectionProblems(options: CollectionOptions): Iterable<Rule> {
  yield* insertProblems(options);
  const reading = readMongoUrl(options.mongo_url.reveal());
  const database = reading.ok ? reading.url.database : '';
  const problem = collectionNameProblem(options.collection_name, database);
  if (problem !== undefined) yield error('collection_name', problem.found, problem.expected);
}

export function* insertProblems(
  options: Omit<InsertOptions, 'max_document_size_bytes'>,
): Iterable<Rule> {
  yield* mongoProblems(options);
  if (sizeOf(options.max_insert_batch_size_bytes) > mostInsert)
    yield warning(
      'max_insert_batch_size_bytes',
      'more than a server takes at once',
      '48000000 at most; that is used',
    );
}

const tenMebibytes = 10_485_760;
const sizeOf = (value: number): number => (value === 0 ? tenMebibytes : value);

/** A message of MongoDB's protocol has no more. */
const mostInsert = 48_000_000;

export const mostInsertBytes = ({
  max_insert_batch_size_bytes,
}: Pick<InsertOptions, 'max_insert_batch_size_bytes'>): number =>
  Math.min(sizeOf(max_insert_batch_size_bytes), mostInsert);

export const mostDocumentEstimate = ({ max_document_size_bytes }: InsertOptions): number =>
  sizeOf(max_document_size_bytes);

export const cappedBytes = (
  options: Pick<CollectionOptions, 'collection_cap_enable' | 'collection_cap_max_size_bytes'>,
): number | undefined =>
  options.collection_cap_enable
    ? options.collection_cap_max_size_bytes || 5_368_709_120
    : undefined;

/** CosmosDB takes a thousand documents at once; more would save no other server anything. */
export const rawLimits = (options: Pick<InsertOptions, 'max_insert_batch_size_bytes'>): Limits => ({
  records: 1_000,
  bytes: mebibytes(Math.min(4, mostInsertBytes(options) / (1024 * 1024))),
  age: millis(1_000),
  inFlight: 4,
});
