import type { Counter, Gauge, Log, Metrics } from '#source';

const knownVersions = new Set(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
const knownProtocols = new Set(['h2', 'http/1.1', 'unknown']);

/** The metrics of the source, and what is said once. */
export class PacketMeter {
  readonly #log: Log;
  readonly #lost: Counter;
  readonly #conflicts: Counter;
  readonly #handshakes: Counter;
  readonly #connections: Gauge;
  readonly #held: Gauge;
  readonly #unknownLinks = new Set<number>();

  constructor(metrics: Metrics, log: Log) {
    this.#log = log;
    this.#lost = metrics.counter({
      name: 'sluice_capture_packets_lost_total',
      help: 'What could not be seen: `kernel`, packets that it had no room for; `gap`, holes in connections; `evicted`, connections forgotten at a bound; `fragment`, datagrams that stayed incomplete or contradict themselves.',
      labels: ['reason'],
    });
    this.#conflicts = metrics.counter({
      name: 'sluice_capture_packets_conflicts_total',
      help: 'Retransmissions that say something else than what was there first, which stays.',
    });
    this.#handshakes = metrics.counter({
      name: 'sluice_capture_packets_handshakes_total',
      help: 'TLS handshakes that were seen and are not looked into, by version and, up to TLS 1.2, by protocol.',
      labels: ['version', 'protocol'],
    });
    this.#connections = metrics.gauge({
      name: 'sluice_capture_packets_connections',
      help: 'TCP connections that are followed now.',
    });
    this.#held = metrics.gauge({
      name: 'sluice_capture_packets_held_bytes',
      help: 'Bytes that these hold: segments that came too early, heads of calls under way, fragments.',
    });
  }

  drops(packets: number): void {
    this.#lost.add(packets, { reason: 'kernel' });
  }

  mishaps(gaps: number, conflicts: number, evicted: number): void {
    if (gaps > 0) this.#lost.add(gaps, { reason: 'gap' });
    if (conflicts > 0) this.#conflicts.add(conflicts);
    if (evicted > 0) this.#lost.add(evicted, { reason: 'evicted' });
  }

  fragmentsLost(): void {
    this.#lost.add(1, { reason: 'fragment' });
  }

  handshake(version: string, protocol: string): void {
    this.#handshakes.add(1, {
      version: knownVersions.has(version) ? version : 'other',
      protocol: knownProtocols.has(protocol) ? protocol : 'other',
    });
  }

  connections(count: number, held: number): void {
    this.#connections.set(count);
    this.#held.set(held);
  }

  unknownLink(linkType: number): void {
    if (this.#unknownLinks.has(linkType) || this.#unknownLinks.size >= 16) return;
    this.#unknownLinks.add(linkType);
    this.#log.warn(
      { link_type: linkType },
      'Packets of a kind of link that is not known are left out.',
    );
  }
}
