import { type BenchChild, startChild } from '../sinks/child.ts';

/** An address on this machine. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Ways to one server, each with a round trip of its own. Those that were asked for once stay until the end. */
export class Distances {
  readonly #server: Address;
  readonly #ports = new Map<number, number>();
  #proxies: BenchChild | undefined;

  constructor(server: Address) {
    this.#server = server;
  }

  /** Where the server is so many milliseconds away; undefined: the server itself. */
  async at(rtt: number | undefined): Promise<Address> {
    if (rtt === undefined) return this.#server;
    const port = this.#ports.get(rtt) ?? (await this.#open(rtt));
    this.#ports.set(rtt, port);
    return { host: '127.0.0.1', port };
  }

  async close(): Promise<void> {
    await this.#proxies?.close();
  }

  async #open(rtt: number): Promise<number> {
    this.#proxies ??= await startChild('../distance/proxies.ts');
    const { port } = await this.#proxies.ask('open', { port: this.#server.port, rtt });
    if (port === undefined) throw new Error('The proxies of the bench have no port.');
    return port;
  }
}
