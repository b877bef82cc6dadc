import { type Exchange, type Source, type SourceContext, shownHostPort } from '#source';
import { startListener } from '../shared/listen/start-listener.ts';
import { createRelay } from '../shared/relay/create-relay.ts';
import type { Relay } from '../shared/relay/relay.ts';
import { Leaves } from './certificates/leaves.ts';
import { decide } from './decide.ts';
import { Intercept } from './intercept.ts';
import { Meter } from './metrics/meter.ts';
import type { Options } from './options/options.ts';
import { type Interception, isLoopback, type Settings } from './settings.ts';
import { TunnelLog } from './tunnel-log.ts';
import { Tunnels } from './tunnels.ts';
import { Upstreams } from './upstreams.ts';

const source = 'forward';

/** One proxy at one address: everything is made, put together and, at the end, stopped here. */
export async function startProxy(
  settings: Settings,
  options: Options,
  context: SourceContext,
): Promise<Source> {
  const meter = new Meter(context.metrics, context.clock, options.path_templates);
  const log = new TunnelLog(context.log, settings.isVerbose);
  const upstreams = new Upstreams(settings);
  const own: { port?: number } = {};

  const intercept = settings.interception && interceptOf(settings.interception);
  const tunnels = new Tunnels({
    ...{ source, settings, upstreams, meter, context, log, intercept },
    isOwn: (server) =>
      server.remotePort === own.port && server.remoteAddress === server.localAddress,
  });
  const relay: Relay = createRelay({
    ...{ source, direction: 'out' },
    context: seeing(context, meter, log),
    decide(head) {
      intercept?.used(head.connection);
      return decide(head, { settings, upstreams, meter });
    },
    limits: { connections: options.max_connections, tunnelIdle: settings.idleTimeout },
    onConnect: (head, socket, early) => tunnels.connect(head, socket, early),
  });

  function interceptOf(interception: Interception): Intercept {
    return new Intercept({
      ...{ interception, settings, meter, log, clock: context.clock },
      leaves: new Leaves(interception.authority, context.clock),
      accept: (socket, facts) => relay.accept(socket, facts),
    });
  }

  const listener = await startListener({
    ...{
      source,
      direction: 'out',
      listen: settings.listen,
      log: context.log,
      metrics: context.metrics,
    },
    clock: context.clock,
    onSocket: (socket) => relay.accept(socket),
  });
  own.port = listener.port;
  warnOfOpenness(settings, context);
  return {
    listensAt: [listener.address],
    async stop(signal) {
      await listener.stop();
      await Promise.all([relay.close(signal), tunnels.close(signal)]);
    },
  };
}

/** The relay's view of the process: each exchange is measured here, too, whether anybody records it or not. */
function seeing(context: SourceContext, meter: Meter, log: TunnelLog): SourceContext {
  return {
    ...context,
    isRecording: true,
    // A reload may change it.
    get bodyLimit() {
      return context.isRecording ? context.bodyLimit : 0;
    },
    record: (exchange: Exchange) => {
      meter.seen(exchange);
      log.seen(exchange);
      if (context.isRecording) context.record(exchange);
    },
  };
}

/** A proxy that anybody can reach is soon used by anybody. */
function warnOfOpenness({ listen, clients, isUser }: Settings, { log }: SourceContext): void {
  if (clients !== undefined || isUser !== undefined || isLoopback(listen.host)) return;
  log.warn(
    { listen: shownHostPort(listen) },
    'Everybody who reaches this proxy may use it; allowed_client_cidrs or users would say who may.',
  );
}
