import { bareHost } from '#source';
import type { TlsOutcome } from '../wire/tls/outcome.ts';
import type { Counting, Row, View } from './counting.ts';
import type { Filters } from './filters.ts';

/**
 * Segments after which a connection that names no host goes under its server's address. A first message of TLS may take
 * several, with keys that withstand quantum computers.
 */
const patience = 64;

interface Rows {
  readonly port: Row;
  readonly host: Row;
}

/** What one connection adds to the counters: to its port's row and its host's, before and after the filters. */
export class FlowCounts {
  readonly #counting: Counting;
  readonly #filters: Filters;
  readonly #port: number;
  readonly #address: string;
  #epoch = -1;
  #name: string | undefined;
  /** The host of the last request, as it was written. */
  #host: string | undefined;
  #before: Rows | undefined;
  #after: Rows | undefined;
  /** Segments from before a host was named. */
  #unnamed = 0;
  #unnamedUnparsed = 0;

  constructor(
    counting: Counting,
    filters: Filters,
    server: { readonly address: string; readonly port: number },
  ) {
    this.#counting = counting;
    this.#filters = filters;
    this.#port = server.port;
    this.#address = server.address;
  }

  segment(): void {
    if (this.#name === undefined) {
      this.#unnamed++;
      if (this.#unnamed >= patience) this.#called(this.#address);
    } else this.#each((row) => row.tcpSegments++);
  }

  unparsed(): void {
    if (this.#name === undefined) this.#unnamedUnparsed++;
    else this.#each((row) => row.unparsed++);
  }

  /** A head of a request, for this host. Gives whether the filters let it pass. */
  request(host: string, target: string): boolean {
    if (host !== this.#host) {
      this.#host = host;
      this.#called(host === '' ? this.#address : withoutPort(host));
    }
    const passes = this.#isWanted() && this.#filters.path(target);
    this.#refresh();
    add(this.#before, (row) => row.httpRequests++);
    if (passes) add(this.#after, (row) => row.httpRequests++);
    return passes;
  }

  /** A head of an answer; `passes`: whether its request did. */
  response(passes: boolean): void {
    this.#ensureName();
    add(this.#before, (row) => row.httpResponses++);
    if (passes) add(this.#after, (row) => row.httpResponses++);
  }

  responseWithoutRequest(): void {
    this.response(this.#isWanted());
    this.#counting.responseWithoutRequest();
  }

  /** `serverName` empty: the client asked for none. */
  handshake(serverName: string): void {
    this.#called(serverName === '' ? this.#address : serverName);
    this.#each((row) => row.handshake(serverName));
  }

  /** What came of looking into a connection of TLS. */
  decryption(outcome: TlsOutcome): void {
    this.#ensureName();
    this.#each((row) => row.decryption(outcome));
  }

  /** The handshake was answered in plain HTTP. */
  tlsRefused(): void {
    this.#each((row) => row.tlsRefused++);
  }

  http2(): void {
    this.#ensureName();
    this.#each((row) => row.http2Prefaces++);
  }

  recognise(protocol: string): void {
    this.#ensureName();
    this.#each((row) => row.recognise(protocol));
  }

  close(): void {
    if (this.#unnamed > 0) this.#ensureName();
  }

  /** What the connection is for from here on. */
  #called(host: string): void {
    const name = host.toLowerCase().slice(0, 255);
    if (name === this.#name) return;
    this.#name = name;
    this.#epoch = -1;
    const [segments, unparsed] = [this.#unnamed, this.#unnamedUnparsed];
    this.#unnamed = 0;
    this.#unnamedUnparsed = 0;
    if (segments > 0)
      this.#each((row) => {
        row.tcpSegments += segments;
        row.unparsed += unparsed;
      });
  }

  #ensureName(): void {
    if (this.#name === undefined) this.#called(this.#address);
    this.#refresh();
  }

  #isWanted(): boolean {
    return this.#filters.port(this.#port) && this.#filters.host(this.#name ?? this.#address);
  }

  #each(act: (row: Row) => void): void {
    this.#refresh();
    add(this.#before, act);
    add(this.#after, act);
  }

  /** Looks the rows up again where the interval is another one, or the name. */
  #refresh(): void {
    const { epoch, before, after } = this.#counting;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#before = this.#rowsOf(before);
    this.#after = this.#isWanted() ? this.#rowsOf(after) : undefined;
  }

  #rowsOf({ ports, hosts }: View): Rows {
    return { port: ports.row(String(this.#port)), host: hosts.row(this.#name ?? this.#address) };
  }
}

const withoutPort = (host: string): string => bareHost(host.replace(/:\d{0,5}$/, ''));

function add(rows: Rows | undefined, act: (row: Row) => void): void {
  if (rows === undefined) return;
  act(rows.port);
  act(rows.host);
}
