import { type Rule, rulesFor, tlsProblems } from '#pump';
import type { Options } from './options.ts';
import { settingsOf, targetOf } from './settings.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const { transport } = settingsOf(options);
  if (targetOf(options.network_addr) === undefined)
    yield error('network_addr', 'a text', 'a host and a port: localhost:514');
  if (options.log_level === 0)
    yield warning(
      'log_level',
      '0',
      'another one: 0 is an emergency of the kernel, 134 local0.info',
    );
  if (options.framing !== undefined && transport === 'udp')
    yield warning('framing', `"${options.framing}"`, 'tcp or tls as transport: no effect alone');
  if (!/^[!#-<>-\\^-~]{1,32}$/.test(options.structured_data_id))
    yield error(
      'structured_data_id',
      'no such name',
      'at most 32 printable ASCII characters without space, =, ] and "',
    );
  yield* tlsProblems(options, transport === 'tls');
}
