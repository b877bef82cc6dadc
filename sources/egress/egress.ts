/** The egress entry at work: what it decides by, and the listeners around that. */
import { lookup as lookUp } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { explain, type Metrics, type Source, type SourceContext } from '#source';
import { createDnsClient, dnsServerOf } from '../shared/dns/dns-client.ts';
import { srvEvents } from '../shared/dns/srv-events.ts';
import { createSrvResolver } from '../shared/dns/srv-resolver.ts';
import { targetAddresses } from '../shared/dns/target-addresses.ts';
import { watchFiles } from '../shared/files/watch.ts';
import type { Listener } from '../shared/listen/listener.ts';
import { startListener } from '../shared/listen/start-listener.ts';
import { createRelay } from '../shared/relay/create-relay.ts';
import type { Relay } from '../shared/relay/relay.ts';
import { createAudit, lostLines } from './audit/audit.ts';
import { openAuditFile } from './audit/audit-file.ts';
import { createResolver, type Lookup, type Resolver } from './call/resolver.ts';
import type { Services } from './call/router.ts';
import { type Ruling, rulingOf } from './call/ruling.ts';
import type { Options } from './options.ts';
import { type LoadedRules, loadRules } from './read/load-rules.ts';
import { serveConnect } from './serve/connect.ts';
import { decide } from './serve/decide.ts';
import { servePort } from './serve/port-listener.ts';
import { Tunnels } from './serve/tunnels.ts';

/** So often files are looked at, in milliseconds; a change is read at the second look. */
const looksAtFiles = 1_000;

const systemLookup: Lookup = async (name) =>
  (await lookUp(name, { all: true, verbatim: true })).map(({ address }) => address);

/** `lookup`: who is asked for the addresses of names; left out: the system. */
export async function startEgress(
  options: Options,
  context: SourceContext,
  lookup: Lookup = systemLookup,
): Promise<Source> {
  const { clock, log, metrics } = context;
  const rulings = await createRulings(options, context, lookup);
  const lost = lostLines(metrics);
  const file =
    options.audit_log === ''
      ? undefined
      : await openAuditFile(options.audit_log, { log, onLost: () => lost.add(1) });
  const audit = createAudit({ file, log, metrics, clock });
  const tunnels = new Tunnels({ context, audit, idleTimeout: options.idle_timeout });
  const firstBytesTimeout = options.first_bytes_timeout;
  const relayAt = (usual: number): Relay => {
    const relay: Relay = createRelay({
      ...{ source: 'egress', direction: 'out', context },
      limits: { connections: options.max_connections },
      decide: (head) => decide(head, usual, { rulings, audit }),
      onConnect: (head, socket, first) =>
        serveConnect(head, socket, first, {
          ...{ rulings, tunnels, firstBytesTimeout },
          relay: () => relay,
        }),
    });
    return relay;
  };
  const relays: Relay[] = [relayAt(80)];
  const clients = new Clients(options.max_connections, () => audit.meter.refused('connections'));
  const common = { source: 'egress', direction: 'out', log, metrics, clock } as const;
  const listeners: Listener[] = [];
  const stopListening = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.stop()));
  };
  try {
    listeners.push(
      await startListener({
        ...common,
        listen: options.listen,
        onSocket: (socket) => relays[0]?.accept(socket),
      }),
    );
    for (const { listen, port, host } of options.ports) {
      const relay = relayAt(port);
      relays.push(relay);
      const onSocket = clients.taking(async (socket) => {
        const parts = { rulings, tunnels, relay, firstBytesTimeout, port, host };
        await servePort(socket, parts).catch((error: unknown) => {
          log.error({ reason: explain(error) }, 'A connection could not be served; it is closed.');
          socket.destroy();
        });
      });
      listeners.push(await startListener({ ...common, listen, onSocket }));
    }
  } catch (error) {
    await stopListening();
    await file?.close();
    throw error;
  }
  const unwatch = watchFiles(() => rulings.files, {
    ...{ clock, every: looksAtFiles },
    changed: () => rulings.reload().catch(() => undefined),
  });
  return {
    listensAt: listeners.map(({ address }, i) =>
      i === 0 ? address : address.replace(/^http:/, 'tcp:'),
    ),
    async reload() {
      await file?.reopen();
      await rulings.reload();
    },
    async stop(signal) {
      unwatch();
      await stopListening();
      await Promise.all([...relays.map((relay) => relay.close(signal)), tunnels.close(signal)]);
      clients.cut();
      await file?.close();
    },
  };
}

/** Connections to listeners of ports, from the first byte on: so many of each at a time, and none when all else has ended. */
class Clients {
  readonly #most: number;
  readonly #refused: () => void;
  readonly #open = new Set<Socket>();

  constructor(most: number, refused: () => void) {
    this.#most = most;
    this.#refused = refused;
  }

  taking(serve: (socket: Socket) => Promise<void>): (socket: Socket) => void {
    let count = 0;
    return (socket) => {
      if (count >= this.#most) {
        this.#refused();
        socket.destroy();
        return;
      }
      count += 1;
      this.#open.add(socket);
      socket.once('close', () => {
        count -= 1;
        this.#open.delete(socket);
      });
      void serve(socket);
    };
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

/** Reads the rules, and again when that is asked for. Files that are wrong leave everything as it was. */
async function createRulings(options: Options, context: SourceContext, lookup: Lookup) {
  const { clock, log, metrics } = context;
  const resolver = createResolver(lookup, { clock, time: options.dns_cache });
  const services = servicesOf(options, context, resolver);
  const meter = ruleMetrics(metrics);
  const ejected = (entry: string, endpoint: string, time: number): void => {
    meter.ejections.add(1, { entry });
    log.warn({ entry, endpoint, ms: time }, 'An endpoint is passed over.');
  };
  const take = ({ rules, warnings }: LoadedRules): Ruling => {
    for (const warning of warnings)
      log.warn({ problem: warning }, 'Something of the entries is ignored.');
    const { entries, networks } = rules;
    meter.entries.set(entries.length);
    log.info(
      { entries: entries.length, networks: networks.length },
      'The rules of the egress entry.',
    );
    return rulingOf(rules, {
      ...{ resolver, services, clock },
      onEjected: (entry, endpoint, time) => ejected(entry?.name ?? '', endpoint, time),
    });
  };
  let loaded = await loadRules(options.entries);
  let current = take(loaded);
  let last: Promise<void> = Promise.resolve();
  const read = async (): Promise<void> => {
    try {
      loaded = await loadRules(options.entries);
      current = take(loaded);
      meter.reloads.add(1, { outcome: 'taken' });
    } catch (error) {
      meter.reloads.add(1, { outcome: 'refused' });
      log.error(
        { reason: explain(error) },
        'The entries are wrong; those from before still count.',
      );
      throw error;
    }
  };
  return {
    get current() {
      return current;
    },
    get files() {
      return loaded.files;
    },
    /** One at a time. */
    reload(): Promise<void> {
      last = last.catch(() => undefined).then(read);
      return last;
    },
  };
}

/** Where DNS servers are named, they know the targets of their records too. */
function servicesOf(
  { dns_servers: written, dns_cache: time }: Options,
  context: SourceContext,
  resolver: Resolver,
): Services {
  const { clock } = context;
  const servers = written.flatMap((text) => dnsServerOf(text) ?? []);
  const client = createDnsClient(servers, clock);
  return {
    srv: createSrvResolver(client, { clock, events: srvEvents(context) }),
    targets:
      servers.length === 0 ? resolver : createResolver(targetAddresses(client), { clock, time }),
  };
}

const ruleMetrics = (metrics: Metrics) => ({
  entries: metrics.gauge({
    name: 'sluice_egress_entries',
    across: 'max',
    help: 'Entries that say who may be called.',
  }),
  reloads: metrics.counter({
    name: 'sluice_egress_reloads_total',
    help: 'How often the entries were read again: `taken`, or `refused` as they were wrong.',
    labels: ['outcome'],
  }),
  ejections: metrics.counter({
    name: 'sluice_egress_ejections_total',
    help: 'How often an endpoint of an entry was passed over for a while, because calls of it had failed.',
    labels: ['entry'],
  }),
});
