/** A DNS server that says what a test puts into it, over real UDP and TCP at a free port of the loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type Answer, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';

export interface SrvRow {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

type Names = Readonly<Record<string, { readonly ttl?: number; readonly rows: readonly SrvRow[] }>>;

export class DnsServerUnderTest {
  /** SRV records by name; others are not there. */
  names: Names = {};
  /** Addresses of both families by name; `127.0.0.1` for every other. */
  addresses: Readonly<Record<string, readonly string[]>> = {};
  /** `silent`: says nothing. `refuses`: SERVFAIL. `long`: answers over TCP alone. */
  mood: 'fine' | 'silent' | 'refuses' | 'long' = 'fine';
  /** `SRV name`, in the order they came. */
  readonly asked: string[] = [];
  readonly #udp = createSocket('udp4');
  readonly #tcp = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();

  /** `host:port`, of UDP and of TCP. */
  async start(): Promise<string> {
    this.#tcp.listen(0, '127.0.0.1');
    await once(this.#tcp, 'listening');
    const { port } = this.#tcp.address() as AddressInfo;
    this.#udp.on('message', (bytes, { address, port: from }) => {
      const answer = this.#answer(decode(bytes));
      if (answer === undefined) return;
      const whole =
        this.mood === 'long'
          ? { ...answer, answers: [], flags: (answer.flags ?? 0) | 0x0200 }
          : answer;
      this.#udp.send(encode(whole), from, address);
    });
    this.#udp.bind(port, '127.0.0.1');
    await once(this.#udp, 'listening');
    return `127.0.0.1:${port}`;
  }

  stop(): void {
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      const answer = this.#answer(streamDecode(bytes));
      if (answer !== undefined) socket.end(streamEncode(answer));
    });
  }

  #answer({ id, questions = [] }: Packet): Packet | undefined {
    const [question] = questions;
    if (question === undefined || this.mood === 'silent') return undefined;
    this.asked.push(`${question.type} ${question.name}`);
    const found = this.mood === 'refuses' ? [] : this.#rowsOf(question.type, question.name);
    const code = this.mood === 'refuses' ? 2 : found === undefined ? 3 : 0;
    return {
      ...{ type: 'response', flags: 0x8180 | code, questions, answers: found ?? [] },
      ...(id === undefined ? {} : { id }),
    };
  }

  /** Undefined: there is no such name. */
  #rowsOf(type: string, name: string): Answer[] | undefined {
    if (type === 'SRV') {
      const known = this.names[name];
      return known?.rows.map(({ priority = 0, weight = 0, ...data }) => ({
        ...{ type: 'SRV', name, ttl: known.ttl ?? 1, data: { priority, weight, ...data } },
      }));
    }
    return (this.addresses[name] ?? ['127.0.0.1'])
      .filter((address) => address.includes(':') === (type === 'AAAA'))
      .map((data) => ({ type: type as 'A' | 'AAAA', name, ttl: 1, data }));
  }
}
