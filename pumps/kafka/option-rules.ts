import { type Rule, rulesFor, useSslProblems } from '#pump';
import { canCompress } from './codecs.ts';
import type { Options } from './options.ts';
import { isPlain, isScram, isSha512, settingsOf } from './settings.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function problemsOf(options: Options): readonly Rule[] {
  return [
    ...destinationProblems(options),
    ...loginProblems(options),
    ...useSslProblems(options),
    ...messageProblems(options),
  ];
}

function* destinationProblems({ broker, topic }: Options): Iterable<Rule> {
  // Tyk Pump takes both and panics at the first record.
  if (broker.length === 0) yield error('broker', 'none', 'at least one host:port');
  if (broker.some((address) => !/^(?:\[[\da-fA-F:.]+\]|[^:\s[\]/?#@\\]+)(?::\d*)?$/.test(address)))
    yield error('broker', 'what is no address', 'host:port, or [address]:port for IPv6');
  if (topic === '') yield error('topic', 'none', 'the name of a topic');
  else if (!/^[\w.-]{1,249}$/.test(topic))
    yield error('topic', 'a name no topic can have', '1 to 249 letters, digits, ".", "_" or "-"');
}

function* loginProblems(options: Options): Iterable<Rule> {
  const { sasl_mechanism, sasl_algorithm, use_ssl } = options;
  const isKnown = isPlain(sasl_mechanism) || isScram(sasl_mechanism);
  if (sasl_mechanism !== '' && !isKnown)
    yield warning('sasl_mechanism', `"${sasl_mechanism}"`, '"plain" or "scram"; no login is made');
  if (isKnown && !use_ssl)
    yield warning('use_ssl', 'false', 'true: without TLS anyone on the way may read the login');
  const isHash = /^(?:|sha-256|SHA-256)$/.test(sasl_algorithm) || isSha512(sasl_algorithm);
  if (isScram(sasl_mechanism) && !isHash)
    yield warning(
      'sasl_algorithm',
      `"${sasl_algorithm}"`,
      '"sha-256" or "sha-512"; sha-256 is used',
    );
}

function* messageProblems(options: Options): Iterable<Rule> {
  const { batch_bytes, compressed, compression, message_key, partition_by } = options;
  if (batch_bytes < 0) yield warning('batch_bytes', 'below 0', '0 or more; 1 MiB is used');
  if (compressed && compression !== undefined && compression !== 'snappy')
    yield warning('compressed', 'true', `false: compression "${compression}" is used`);
  if (!canCompress(settingsOf(options).compression))
    yield error('compression', '"zstd"', 'Node 22.15 or later for it, or another one');
  if (message_key === 'partition' && partition_by === 'none')
    yield warning('message_key', '"partition"', 'partition_by as well: no key is written');
}
