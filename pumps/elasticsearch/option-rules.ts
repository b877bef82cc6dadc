import {
  type Guarantee,
  type Rule,
  rulesFor,
  strayAtExpected,
  strayAtFound,
  useSslProblems,
} from '#pump';
import { nodesOf } from './nodes.ts';
import type { Options } from './options.ts';
import { bulkCeilings, type Settings, settingsOf } from './settings.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function problemsOf(options: Options): readonly Rule[] {
  return [
    ...nodeProblems(options),
    ...credentialProblems(options),
    ...useSslProblems(options),
    ...documentProblems(options),
    ...indexProblems(options),
    ...bulkProblems(options),
  ];
}

function* nodeProblems(options: Options): Iterable<Rule> {
  const { nodes, unusable, misread } = nodesOf(options);
  const expected = 'URLs that begin with http:// or https://, separated by commas';
  if (misread > 0)
    yield error('elasticsearch_url', strayAtFound, `${strayAtExpected}; a "," of theirs as %2C`);
  else if (nodes.length === 0) yield error('elasticsearch_url', 'no such URL', expected);
  else if (unusable > 0)
    yield warning('elasticsearch_url', `${unusable} parts that are no URL, passed over`, expected);
}

function* credentialProblems(options: Options): Iterable<Rule> {
  const hasKey = options.auth_api_key.reveal() !== '';
  if (hasKey !== (options.auth_api_key_id !== ''))
    yield warning('auth_api_key', 'only one half', 'auth_api_key_id and auth_api_key; ignored');
  const hasPassword = options.auth_basic_password.reveal() !== '';
  if (hasPassword !== (options.auth_basic_username !== ''))
    yield warning('auth_basic_password', 'only one half', 'a user and a password; ignored');
}

function* documentProblems(options: Options): Iterable<Rule> {
  const { ids } = settingsOf(options);
  if (ids === 'tyk')
    yield warning(
      options.generate_id ? 'generate_id' : 'document_id',
      'ids as Tyk Pump makes them',
      'document_id "record" or "tyk_hex": Tyk’s ids collide and documents overwrite each other',
    );
  if (options.generate_id && options.document_id !== undefined && ids !== 'tyk')
    yield warning('generate_id', 'true', `false: document_id "${ids}" is used`);
  if (options.data_stream && (ids === 'tyk' || ids === 'tyk_hex'))
    yield error(
      'data_stream',
      'true, with ids that may collide',
      'document_id "record" or "none": a data stream cannot tell a repeat from a collision',
    );
  if (options.decode_base64 && !options.extended_stats)
    yield warning('decode_base64', 'true', 'false, or extended_stats as well: no effect alone');
}

function* indexProblems(options: Options): Iterable<Rule> {
  for (const key of ['index_name', 'mcp_index_name'] as const)
    if (options[key] !== options[key].toLowerCase())
      yield warning(key, 'upper case letters', 'lower case: the server refuses the name');
  if (options.disable_bulk && options.mcp_index_name !== '')
    yield warning('mcp_index_name', 'text', 'none: it has no effect with disable_bulk');
  if (options.rolling_by === 'record' && !options.rolling_index)
    yield warning('rolling_by', '"record"', 'rolling_index as well: no effect alone');
  const { version } = options;
  if (options.data_stream && (version === '3' || version === '5' || version === '6'))
    yield error('data_stream', `true, with version "${version}"`, 'a server from 7.9 on');
  if (options.index_template !== '' && version === '3')
    yield error('index_template', 'text, with version "3"', 'a server from version 5 on');
}

/** What memory or the server bears is less; said, because another value than the one given is used. */
function* bulkProblems({ bulk_config }: Options): Iterable<Rule> {
  for (const [key, most] of Object.entries(bulkCeilings) as [keyof typeof bulkCeilings, number][])
    if (bulk_config[key] > most)
      yield warning('bulk_config', `${key} ${bulk_config[key]}`, `at most ${most}, which is used`);
}

/**
 * A repeat is recognised by the record's id, in the index it was stored in. An index that changes with the time of
 * writing can hold it a second time.
 */
export function guaranteeOf({ ids, roll, isDataStream }: Settings): Guarantee {
  return ids === 'record' && roll !== 'write' && !isDataStream
    ? 'effectively-once'
    : 'at-least-once';
}
