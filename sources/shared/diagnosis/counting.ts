import type { Loss } from '../wire/conversation.ts';
import type { InterfaceCounts, TrafficCounters, TrafficCounts, TrafficView } from './counters.ts';

/** Ports and hosts that are told apart in an interval; the others stand under `other`. */
const most = 1000;
/** Names in a row, of handshakes and protocols. */
const mostNames = 100;

/** What is counted at one port, or for one host. */
export class Row {
  tcpSegments = 0;
  httpRequests = 0;
  httpResponses = 0;
  tlsHandshakes = 0;
  tlsRefused = 0;
  http2Prefaces = 0;
  unparsed = 0;
  tlsDecrypted = 0;
  readonly #undecrypted = new Map<string, number>();
  readonly #recognised = new Map<string, number>();
  readonly #serverNames = new Map<string, number>();

  recognise(protocol: string): void {
    addName(this.#recognised, protocol);
  }

  handshake(serverName: string): void {
    this.tlsHandshakes++;
    if (serverName !== '') addName(this.#serverNames, serverName);
  }

  decryption(outcome: string): void {
    if (outcome === 'decrypted') this.tlsDecrypted++;
    else addName(this.#undecrypted, outcome);
  }

  plain(): TrafficCounts {
    const { tcpSegments, httpRequests, httpResponses, unparsed } = this;
    const { tlsHandshakes, tlsRefused, tlsDecrypted, http2Prefaces } = this;
    return {
      ...{ tcpSegments, httpRequests, httpResponses, unparsed },
      ...{ tlsHandshakes, tlsRefused, tlsDecrypted, http2Prefaces },
      undecrypted: Object.fromEntries(this.#undecrypted),
      recognised: Object.fromEntries(this.#recognised),
      serverNames: Object.fromEntries(this.#serverNames),
    };
  }
}

function addName(names: Map<string, number>, name: string): void {
  const key = names.has(name) || names.size < mostNames ? name : 'other';
  names.set(key, (names.get(key) ?? 0) + 1);
}

/** Rows by name, bounded. */
class Rows {
  readonly #rows = new Map<string, Row>();

  row(name: string): Row {
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    if (this.#rows.size >= most && name !== 'other') return this.row('other');
    const made = new Row();
    this.#rows.set(name, made);
    return made;
  }

  plain(): Readonly<Record<string, TrafficCounts>> {
    return Object.fromEntries([...this.#rows].map(([name, row]) => [name, row.plain()]));
  }
}

export class View {
  readonly ports = new Rows();
  readonly hosts = new Rows();

  plain(): TrafficView {
    return { ports: this.ports.plain(), hosts: this.hosts.plain() };
  }
}

/** What is counted in the interval that goes on. */
export class Counting {
  /** Grows with every interval: whoever keeps rows looks whether they are still these. */
  epoch = 0;
  before = new View();
  after = new View();
  /** `capture` of `TrafficCounters`. */
  #capture = newCapture();
  readonly #source: string;
  #interfaces = new Map<string, { packets: number; bytes: number; kernelDrops: number }>();
  #from: number | undefined;
  #to = 0;

  constructor(source: string) {
    this.#source = source;
  }

  packet(interfaceName: string, wireLength: number, time: number): void {
    this.#from ??= time;
    this.#to = time;
    const counts = this.#interface(interfaceName);
    counts.packets++;
    counts.bytes += wireLength;
  }

  responseWithoutRequest(): void {
    this.#capture.responsesWithoutRequest++;
  }

  lost(reason: Loss, more: number): void {
    if (more > 0) this.#capture.lost[reason] = (this.#capture.lost[reason] ?? 0) + more;
  }

  /** Packets that are not looked into. */
  ignored(reason: string, more: number): void {
    if (more > 0) this.#capture.ignored[reason] = (this.#capture.ignored[reason] ?? 0) + more;
  }

  drops(interfaceName: string, packets: number): void {
    this.#interface(interfaceName).kernelDrops += packets;
  }

  /** Ends the interval and begins the next. `span`: when it was, where the packets' own times do not say it. */
  take(span?: { readonly from: number; readonly to: number }): TrafficCounters {
    const taken: TrafficCounters = {
      source: this.#source,
      from: span?.from ?? this.#from ?? 0,
      to: span?.to ?? this.#to,
      interfaces: Object.fromEntries(this.#interfaces) satisfies Record<string, InterfaceCounts>,
      before: this.before.plain(),
      after: this.after.plain(),
      capture: this.#capture,
    };
    this.epoch++;
    this.before = new View();
    this.after = new View();
    this.#capture = newCapture();
    this.#interfaces = new Map();
    this.#from = undefined;
    return taken;
  }

  #interface(name: string): { packets: number; bytes: number; kernelDrops: number } {
    let counts = this.#interfaces.get(name);
    if (counts === undefined) {
      counts = { packets: 0, bytes: 0, kernelDrops: 0 };
      this.#interfaces.set(name, counts);
    }
    return counts;
  }
}

interface Capture {
  responsesWithoutRequest: number;
  readonly lost: Partial<Record<Loss, number>>;
  readonly ignored: Record<string, number>;
}

const newCapture = (): Capture => ({ responsesWithoutRequest: 0, lost: {}, ignored: {} });
