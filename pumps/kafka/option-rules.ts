import { hostPortOf, type Rule, rulesFor, useSslProblems } from '#pump';
import { canCompress } from './codecs.ts';
import type { Options } from './options.ts';
import { isPlain, isScram, isSha512, settingsOf, withPort } from './settings.ts';

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
  if (broker.some((address) => (hostPortOf(withPort(address))?.host ?? '') === ''))
    yield error('broker', 'what is no address', 'host:port, or [address]:port for IPv6');
  if (topic === '') yield error('topic', 'none', 'the name of a topic');
  else if (!/^[\w.-]{1,249}$/.test(topic))
    yield error('topic', 'a name no topic can have', '1 to 249 letters, digits, ".", "_" or "-"');
}

function* loginProblems(options: Options): Iterable<Rule> {
  const { sasl_mechanism, sasl_algorithm, use_ssl } = options;
  const isKnown = isPlain(sasl_mechanism) || isScram(sasl_mechanism);
  if (sasl_mechanism !== '' && !isKnown)
    yield error('sasl_mechanism', 'another text', '"plain" or "scram"');
  if (isKnown && !use_ssl)
    yield warning('use_ssl', 'false', 'true: without TLS anyone on the way may read the login');
  const isHash = /^(?:|sha-256|SHA-256)$/.test(sasl_algorithm) || isSha512(sasl_algorithm);
  if (!isHash) yield error('sasl_algorithm', 'another text', '"sha-256" or "sha-512"');
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
