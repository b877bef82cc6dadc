import type { PumpContext } from '#pump';
import { LineSink } from '../shared/metric-lines/line-sink.ts';
import { lineTargetOf } from '../shared/metric-lines/target.ts';
import { openLineTransport } from '../shared/metric-lines/transport.ts';
import { datadogEnvironment } from './datadog-environment.ts';
import { createEncoder } from './encode.ts';
import type { Options } from './options.ts';

const literalTag = 'tyk-pump';
const defaultMessages = 16;

/** Opens a sink: sockets only, the agent is not asked. */
export async function openSink(options: Options, context: PumpContext): Promise<LineSink> {
  const environment = datadogEnvironment();
  const target = lineTargetOf(options.address) ?? environment.target;
  if (target === undefined)
    throw new Error('address is empty and DD_AGENT_HOST is not set: nobody to send to');
  const transport = await openLineTransport(target, context.clock);
  context.log.info(
    { ...target, tags: environment.tags },
    'Metrics go to this agent, which has not been asked yet.',
  );
  const { clock } = context;
  return new LineSink({
    transport,
    encode: createEncoder(options, {
      globalTags: [...environment.tags, literalTag],
      random: () => clock.random(),
    }),
    rules: {
      bytes: options.packet_size ?? (target.protocol === 'unix' ? 8192 : 1432),
      lines: options.buffered ? options.buffered_max_messages || defaultMessages : 0,
      isStream: target.protocol === 'tcp',
    },
  });
}
