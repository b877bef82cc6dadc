import { httpUrl, httpUrlProblems, type Rule, rulesFor, tlsProblems } from '#pump';
import { readPieces } from '../shared/templates/template.ts';
import { canCompress } from './compress.ts';
import { isKeyField } from './object-key.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const { bucket, endpoint, prefix, format, compression } = options;
  if (!/^[\w.-]{1,255}$/.test(bucket))
    yield error('bucket', 'no name of a bucket', 'its name alone');
  if (endpoint.reveal() !== '') yield* httpUrlProblems('endpoint', endpoint, { sends: 'token' });
  yield* tlsProblems(options, httpUrl(endpoint.reveal())?.protocol !== 'http:');
  const parsed = readPieces(prefix, isKeyField);
  if (!parsed.ok) {
    const { at, found } = parsed.problem;
    yield error('prefix', `${found} at character ${at}`, 'a text field, or year, month, day, hour');
  }
  if (compression === 'snappy' && format !== 'parquet')
    yield error('compression', '"snappy"', '"gzip", "zstd" or "none"; or `format: parquet`');
  if (compression !== undefined && !canCompress(compression))
    yield error('compression', `"${compression}"`, '"gzip": this Node.js has no zstd, 22.15 has');
  yield* keyProblems(options);
}

function* keyProblems({
  access_key_id,
  secret_access_key,
  session_token,
}: Options): Iterable<Rule> {
  const hasSecret = secret_access_key.reveal() !== '';
  if (access_key_id !== '' && !hasSecret)
    yield error('secret_access_key', 'nothing', 'the secret of access_key_id');
  if (access_key_id === '' && (hasSecret || session_token.reveal() !== ''))
    yield error('access_key_id', 'nothing', 'the id that secret_access_key is of');
  if (access_key_id !== '' && /[^\x21-\x7e]/.test(access_key_id))
    yield warning('access_key_id', 'white space or another character', 'it without');
}
