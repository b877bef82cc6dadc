import { explain, millis, type SourceContext } from '#source';
import { createDnsClient, dnsServerOf, type SrvRecord } from '../../shared/dns/dns-client.ts';
import { srvEvents } from '../../shared/dns/srv-events.ts';
import { createSrvResolver, type SrvResolver } from '../../shared/dns/srv-resolver.ts';
import { targetAddresses } from '../../shared/dns/target-addresses.ts';

import { NoConnection } from '../../shared/relay/upstream/failure.ts';

/** The records of a name as they are now: read for each call. */
export interface SrvName {
  readonly name: string;
  /** The same object as long as they are the same. */
  readonly records: readonly SrvRecord[];
}

interface Watched {
  readonly name: string;
  records: readonly SrvRecord[];
  callOff: () => void;
}

/** Keeps the records of names up to date, each in its own time to live. */
export class SrvNames {
  readonly #clock: SourceContext['clock'];
  readonly #resolver: SrvResolver;
  readonly #hasServers: boolean;
  readonly #addresses: (host: string) => Promise<readonly string[]>;
  readonly #watched = new Map<string, Watched>();
  #onChange: () => void = () => undefined;
  #isStopped = false;

  /** `servers`: addresses; empty: those of the system. */
  constructor(servers: readonly string[], context: SourceContext) {
    const { clock } = context;
    this.#clock = clock;
    this.#hasServers = servers.length > 0;
    const client = createDnsClient(
      servers.flatMap((text) => dnsServerOf(text) ?? []),
      clock,
    );
    this.#addresses = targetAddresses(client);
    this.#resolver = createSrvResolver(client, { clock, events: srvEvents(context) });
  }

  /** Looks after a name from now on. */
  of(name: string): SrvName {
    const known = this.#watched.get(name);
    if (known !== undefined) return known;
    const watched: Watched = { name, records: [], callOff: () => undefined };
    this.#watched.set(name, watched);
    return watched;
  }

  /** Resolves when each name has had its first answer, or none in time; calls `onChange` when there are others from then on. */
  async start(onChange: () => void): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watched) => this.#refresh(watched)));
    this.#onChange = onChange;
  }

  /** Where those who answer for a name also know the addresses of its targets, they are asked; else the system is. */
  get resolve(): ((host: string) => Promise<string>) | undefined {
    if (!this.#hasServers) return undefined;
    return async (host) => {
      try {
        return (await this.#addresses(host))[0] ?? '';
      } catch (error) {
        const words = `the address of the upstream ${host} is not known: ${explain(error)}`;
        throw new NoConnection('unresolved', words, error);
      }
    };
  }

  stop(): void {
    this.#isStopped = true;
    for (const { callOff } of this.#watched.values()) callOff();
  }

  async #refresh(watched: Watched): Promise<void> {
    const { records, until } = await this.#resolver.resolve(watched.name);
    if (this.#isStopped) return;
    const isNew = watched.records !== records;
    watched.records = records;
    const wait = millis(Math.max(1, until - this.#clock.elapsed()));
    watched.callOff = this.#clock.after(wait, () => void this.#refresh(watched));
    if (isNew) this.#onChange();
  }
}
