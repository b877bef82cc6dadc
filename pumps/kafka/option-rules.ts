import { hostPortOf, httpUrlProblems, type Rule, rulesFor, useSslProblems } from '#pump';
import type { Options } from './options.ts';
import { canCompress } from './producer/producer.ts';
import { isMsk, isOauth, isPlain, isScram, isSha512, settingsOf, withPort } from './settings.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function problemsOf(options: Options): readonly Rule[] {
  return [
    ...destinationProblems(options),
    ...loginProblems(options),
    ...tokenProblems(options),
    ...clientProblems(options),
    ...useSslProblems(options),
    ...messageProblems(options),
  ];
}

function* destinationProblems({ broker, topic }: Options): Iterable<Rule> {
  // Tyk Pump takes both and panics at the first record.
  if (broker.length === 0) yield error('broker', 'none', 'at least one host:port');
  if (broker.some((address) => (hostPortOf(withPort(address))?.host ?? '') === ''))
    yield error('broker', 'what is no address', 'host:port, or [address]:port for IPv6');
  if (topic === '') yield error('topic', 'none', 'the name of a topic');
  else if (!/^[\w.-]{1,249}$/.test(topic))
    yield error('topic', 'a name no topic can have', '1 to 249 letters, digits, ".", "_" or "-"');
}

function* loginProblems(options: Options): Iterable<Rule> {
  const { sasl_mechanism, sasl_algorithm, use_ssl } = options;
  const isKnown = [isPlain, isScram, isOauth, isMsk].some((isThat) => isThat(sasl_mechanism));
  if (sasl_mechanism !== '' && !isKnown)
    yield error(
      'sasl_mechanism',
      'another text',
      '"plain", "scram", "oauthbearer" or "aws_msk_iam"',
    );
  if (isKnown && !use_ssl)
    yield warning('use_ssl', 'false', 'true: without TLS anyone on the way may read the login');
  const isHash = /^(?:|sha-256|SHA-256)$/.test(sasl_algorithm) || isSha512(sasl_algorithm);
  if (!isHash) yield error('sasl_algorithm', 'another text', '"sha-256" or "sha-512"');
}

function* tokenProblems(options: Options): Iterable<Rule> {
  const { sasl_mechanism, sasl_oauth_token_file, sasl_oauth_client_id, aws_region } = options;
  const url = options.sasl_oauth_token_url;
  if (isOauth(sasl_mechanism)) {
    const given = [sasl_oauth_token_file, url.reveal(), options.sasl_oauth_token.reveal()];
    if (given.filter((text) => text !== '').length !== 1)
      yield error(
        'sasl_oauth_token',
        'none, or more than one token',
        'one of sasl_oauth_token, sasl_oauth_token_file and sasl_oauth_token_url',
      );
    if (url.reveal() !== '') {
      yield* httpUrlProblems('sasl_oauth_token_url', url, { sends: 'token' });
      if (sasl_oauth_client_id === '')
        yield error('sasl_oauth_client_id', 'none', 'who asks for the token');
    }
  }
  if (!isMsk(sasl_mechanism)) return;
  if (!/^[a-z]{2}[a-z\d-]+$/.test(aws_region))
    yield error('aws_region', 'no region', 'that of the cluster, such as "eu-central-1"');
  if (options.aws_access_key_id === '' || options.aws_secret_access_key.reveal() === '')
    yield error('aws_access_key_id', 'no keys', 'aws_access_key_id and aws_secret_access_key');
}

function* clientProblems({ client, transactional_id }: Options): Iterable<Rule> {
  // Its transactions number the messages, in the way that loses some.
  if (client === 'kafkajs' && transactional_id !== '')
    yield error('client', '"kafkajs"', '"own": only it has transactions');
}

function* messageProblems(options: Options): Iterable<Rule> {
  const { compressed, compression, message_key, partition_by } = options;
  if (compressed && compression !== undefined && compression !== 'snappy')
    yield warning('compressed', 'true', `false: compression "${compression}" is used`);
  if (!canCompress(settingsOf(options).compression))
    yield error('compression', '"zstd"', 'Node 22.15 or later for it, or another one');
  if (message_key === 'partition' && partition_by === 'none')
    yield warning('message_key', '"partition"', 'partition_by as well: no key is written');
}
