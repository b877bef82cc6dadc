import type { Counter, Gauge, Log, Metrics } from '#source';
import type { Loss } from '../../shared/wire/conversation.ts';
import type { TlsOutcome } from '../../shared/wire/tls/outcome.ts';
import type { Dropper } from '../input/packet.ts';

/** Why a packet is not looked into. */
export const ignorances = ['link', 'not-ip', 'not-tcp', 'malformed'] as const;
export type Ignorance = (typeof ignorances)[number];

const knownVersions = new Set(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
const knownProtocols = new Set(['h2', 'http/1.1', 'unknown']);

/** The metrics of the source, and what is said once. */
export class PacketMeter {
  readonly #log: Log;
  readonly #lost: Counter;
  readonly #ignored: Counter;
  readonly #conflicts: Counter;
  readonly #handshakes: Counter;
  readonly #decryptions: Counter;
  readonly #badLines: Counter;
  #hasSaidBadLine = false;
  readonly #connections: Gauge;
  readonly #held: Gauge;
  readonly #unknownLinks = new Set<number>();

  constructor(metrics: Metrics, log: Log) {
    this.#log = log;
    this.#lost = metrics.counter({
      name: 'sluice_capture_packets_lost_total',
      help: 'What could not be seen, or came to nothing. Packets that were dropped: `kernel`, `interface`; of which less was captured: `cut`. Stops before all were read: `unread`. Holes in connections: `gap`. Connections that were forgotten: `evicted`, at a bound; `idle`. Calls that were, of too many on one connection: `calls`. Datagrams that stayed incomplete or contradict themselves: `fragment`. Segments that contradict their connection: `behind-fin`, `beyond-window`, `ended`, `tangled`, `reset`.',
      labels: ['reason'],
    });
    this.#ignored = metrics.counter({
      name: 'sluice_capture_packets_ignored_total',
      help: 'Packets that are not looked into: `link`, of a kind of link that is not known; `not-ip`, such as ARP; `not-tcp`, such as UDP; `malformed`, whose headers are not whole or make no sense.',
      labels: ['reason'],
    });
    this.#conflicts = metrics.counter({
      name: 'sluice_capture_packets_conflicts_total',
      help: 'Retransmissions that say something else than what was there first, which stays.',
    });
    this.#handshakes = metrics.counter({
      name: 'sluice_capture_packets_handshakes_total',
      help: 'TLS handshakes that were seen, by version and, up to TLS 1.2, by protocol.',
      labels: ['version', 'protocol'],
    });
    this.#decryptions = metrics.counter({
      name: 'sluice_capture_packets_decryptions_total',
      help: 'Connections of TLS that were looked into with the secrets of their sessions, by what came of it: `decrypted`; or why not, or not on: `no-secrets`, `suite`, `version`, `gap`, `damaged`, `early-data`, `renegotiated`.',
      labels: ['outcome'],
    });
    this.#badLines = metrics.counter({
      name: 'sluice_capture_packets_keylog_refused_total',
      help: 'Lines of key logs that are none.',
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

  lost(reason: Loss | Dropper, more: number): void {
    if (more > 0) this.#lost.add(more, { reason });
  }

  ignored(reason: Ignorance, more: number): void {
    if (more > 0) this.#ignored.add(more, { reason });
  }

  conflicts(more: number): void {
    if (more > 0) this.#conflicts.add(more);
  }

  handshake(version: string, protocol: string): void {
    this.#handshakes.add(1, {
      version: knownVersions.has(version) ? version : 'other',
      protocol: knownProtocols.has(protocol) ? protocol : 'other',
    });
  }

  decryption(outcome: TlsOutcome): void {
    this.#decryptions.add(1, { outcome });
  }

  keyLogRefused(): void {
    this.#badLines.add(1);
    if (this.#hasSaidBadLine) return;
    this.#hasSaidBadLine = true;
    this.#log.warn({}, 'A key log has lines that are none of its format; they are left out.');
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
