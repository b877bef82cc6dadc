import type { PumpContext } from '#pump';
import { LineSink } from '../shared/metric-lines/line-sink.ts';
import { lineTargetForms, lineTargetOf, shownTarget } from '../shared/metric-lines/target.ts';
import { openLineTransport } from '../shared/metric-lines/transport.ts';
import { createEncoder } from './encode.ts';
import type { Options } from './options.ts';

/** Opens a sink: sockets only, the daemon is not asked. */
export async function openSink(options: Options, context: PumpContext): Promise<LineSink> {
  const target = lineTargetOf(options.address);
  if (target === undefined) throw new Error(`the address must be ${lineTargetForms}`);
  const transport = await openLineTransport(target, context.clock);
  context.log.info(
    { address: shownTarget(target) },
    'Metrics go to this daemon, which has not been asked yet.',
  );
  const bytes = options.packet_size ?? (target.protocol === 'unix' ? 8192 : 1432);
  return new LineSink({
    transport,
    encode: createEncoder(options),
    rules: { bytes, lines: 0, isStream: target.protocol === 'tcp' },
  });
}
