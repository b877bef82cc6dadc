import type { CopyBudget, Endpoint, Exchange } from '#source';
import type { Counting } from '../shared/diagnosis/counting.ts';
import type { Filters } from '../shared/diagnosis/filters.ts';
import { FlowCounts } from '../shared/diagnosis/flow-counts.ts';
import { losses, newTally, type Tally } from '../shared/wire/conversation.ts';
import { Dialogue } from '../shared/wire/dialogue.ts';
import { type Ignorance, ignorances, type PacketMeter } from './count/meter.ts';
import type { Dropper, Packet, PacketSink } from './input/packet.ts';
import { newDatagram, readDatagram } from './ip/datagram.ts';
import { Fragments } from './ip/fragments.ts';
import type { KeyLog } from './keylog/key-log.ts';
import { ipAt, isUnknownLink } from './link/link.ts';
import { guessSide } from './tcp/guess-side.ts';
import { newSegment, readSegment } from './tcp/segment.ts';
import { ConnectionTable, type TableBounds } from './tcp/table.ts';

export interface InspectorParts {
  readonly bounds: TableBounds;
  readonly filters: Filters;
  readonly counting: Counting;
  readonly meter: PacketMeter;
  readonly keyLog: KeyLog;
  /** There is a file of secrets, or may be. */
  readonly hasKeyLog: boolean;
  readonly bodyLimit: number;
  readonly copies: CopyBudget | undefined;
  /** Whether an address is of the machine that is captured for. */
  readonly isHere: (address: string) => boolean;
  readonly record: (exchange: Exchange) => void;
}

const tcp = 6;
const noFacts = {};

/** From packets to exchanges: link, IP, TCP, what is spoken. Everything happens within the call that hands on the packet. */
export class Inspector implements PacketSink {
  readonly #parts: InspectorParts;
  readonly #tally: Tally = newTally();
  /** Of the last packet, in milliseconds since 1970. */
  lastTime = 0;
  #hasSecrets: boolean;
  readonly #datagram = newDatagram();
  readonly #segment = newSegment();
  readonly #fragments: Fragments;
  readonly #table: ConnectionTable;
  /** As much of the tally as the metrics have. */
  readonly #told: Tally = newTally();
  /** Since the metrics were brought up to date. */
  readonly #ignored: Record<Ignorance, number> = {
    ...{ link: 0, 'not-ip': 0, 'not-tcp': 0, malformed: 0 },
  };

  constructor(parts: InspectorParts) {
    this.#parts = parts;
    this.#hasSecrets = parts.hasKeyLog;
    this.#fragments = new Fragments(() => this.#tally.lost.fragment++);
    this.#table = new ConnectionTable(
      parts.bounds,
      this.#tally,
      ({ client, server, isFromStart }) => this.#converse(client, server, isFromStart),
      guessSide,
    );
  }

  packet(packet: Packet): void {
    const { counting } = this.#parts;
    this.lastTime = packet.time;
    counting.packet(packet.interfaceName, packet.wireLength, packet.time);
    const { bytes, start, end, time } = packet;
    const at = ipAt(packet.linkType, bytes, start, end);
    if (at < 0) {
      if (isUnknownLink(at)) this.#parts.meter.unknownLink(packet.linkType);
      this.#ignored[isUnknownLink(at) ? 'link' : 'not-ip']++;
      return;
    }
    const datagram = this.#datagram;
    if (!readDatagram(bytes, at, end, datagram)) {
      this.#ignored.malformed++;
      return;
    }
    if (datagram.fragment !== undefined && !this.#fragments.add(datagram, time)) return;
    if (datagram.protocol !== tcp) this.#ignored['not-tcp']++;
    else if (!readSegment(datagram, time, this.#segment)) this.#ignored.malformed++;
    else {
      if (end - start < packet.wireLength) this.#tally.lost.cut++;
      this.#table.accept(this.#segment, datagram);
    }
  }

  secrets(lines: string): void {
    this.#hasSecrets = true;
    this.#parts.keyLog.add(lines);
  }

  drops(interfaceName: string, packets: number, by: Dropper): void {
    this.#parts.counting.drops(interfaceName, packets);
    this.#parts.meter.lost(by, packets);
  }

  /** Looking ended while packets still waited; how many, nobody knows. */
  leaveUnread(): void {
    this.#tally.lost.unread++;
  }

  /** Ends all connections that are under way, as at the end of a file. */
  close(): void {
    this.#table.close();
    this.#fragments.close();
    this.measure();
  }

  /** Brings the metrics up to date. */
  measure(): void {
    const { meter, counting } = this.#parts;
    const { lost, conflicts, held } = this.#tally;
    const told = this.#told;
    meter.connections(this.#table.size, held + this.#fragments.bytes);
    meter.conflicts(conflicts - told.conflicts);
    told.conflicts = conflicts;
    for (const reason of losses) {
      const more = lost[reason] - told.lost[reason];
      told.lost[reason] += more;
      meter.lost(reason, more);
      counting.lost(reason, more);
    }
    for (const reason of ignorances) {
      const more = this.#ignored[reason];
      this.#ignored[reason] = 0;
      meter.ignored(reason, more);
      counting.ignored(reason, more);
    }
  }

  /** Where nobody has any secrets, TLS is not kept for them. */
  #secrets(): KeyLog | undefined {
    return this.#hasSecrets ? this.#parts.keyLog : undefined;
  }

  #converse(client: Endpoint, server: Endpoint, isFromStart: boolean): Dialogue {
    const { counting, filters, meter, bodyLimit, copies, record, isHere } = this.#parts;
    const direction = isHere(client.address) && !isHere(server.address) ? 'out' : 'in';
    return new Dialogue(
      {
        counts: new FlowCounts(counting, filters, server),
        tally: this.#tally,
        bodyLimit,
        copies,
        handshake: (version, protocol) => meter.handshake(version, protocol),
        secrets: this.#secrets(),
        decryption: (outcome) => meter.decryption(outcome),
        emit: (seen, tls) =>
          // Field by field: this is done for every call.
          record({
            source: 'packets',
            direction,
            startedAt: seen.startedAt,
            latency: seen.latency,
            client,
            server,
            scheme: tls === undefined ? 'http' : 'https',
            tls,
            isOpaque: false,
            request: seen.request,
            response: seen.response,
            bytesIn: seen.bytesIn,
            bytesOut: seen.bytesOut,
            error: seen.error,
            call: noFacts,
          }),
      },
      isFromStart,
    );
  }
}
