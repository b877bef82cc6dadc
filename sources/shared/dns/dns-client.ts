/**
 * Asks DNS servers itself, where the system's resolver does not do: Node tells no time to live of SRV records, and a service registry has
 * its DNS server at a port of its own. Over UDP, and over TCP where an answer did not fit.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { connect, isIP } from 'node:net';
import { type DecodedPacket, decode, encode, streamEncode } from 'dns-packet';
import { type Clock, type HostPort, hostPortOf, millis, shownHostPort } from '#source';

export interface SrvRecord {
  /** A name, in lower case and without the dot at its end. */
  readonly target: string;
  readonly port: number;
  /** Those with the lowest one are asked first. */
  readonly priority: number;
  readonly weight: number;
}

export interface DnsAnswer<T> {
  readonly found: readonly T[];
  /** Seconds, the shortest of all. */
  readonly ttl: number;
}

/** Rejects with an error whose message is for people, where no server answers, or all refuse. */
export interface DnsClient {
  /** Empty: the name is there and the service is not (a target of `.`). A name without records rejects. */
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** Addresses of both families; rejects where there are none. */
  addresses(name: string): Promise<readonly string[]>;
}

/** Milliseconds that one server has, each time it is asked; each is asked twice. */
const patience = 2_000;
const rounds = 2;
const udpSize = 1232;

const dnsPort = 53;

/** `10.0.0.2`, `10.0.0.2:8600`, `[::1]:8600`; undefined: it is none. A name would need another DNS server. */
export function dnsServerOf(text: string): HostPort | undefined {
  if (isIP(text) !== 0) return { host: text, port: dnsPort };
  const found = hostPortOf(text);
  return found !== undefined && found.port > 0 && isIP(found.host) !== 0 ? found : undefined;
}

/** `servers`: empty: those of the system, as they are when a question is asked. */
export function createDnsClient(servers: readonly HostPort[], clock: Clock): DnsClient {
  const asked = (): readonly HostPort[] =>
    servers.length > 0 ? servers : getServers().flatMap((text) => dnsServerOf(text) ?? []);

  async function ask(name: string, type: 'SRV' | 'A' | 'AAAA'): Promise<DecodedPacket> {
    let last = 'no server is known';
    for (let round = 0; round < rounds; round++) {
      for (const server of asked()) {
        try {
          const answer = await exchange(server, { name, type }, clock);
          const { rcode } = answer as DecodedPacket & { readonly rcode: string };
          if (rcode === 'NOERROR' || rcode === 'NXDOMAIN') return answer;
          last = `${shownHostPort(server)} says ${rcode}`;
        } catch (error) {
          last = `${shownHostPort(server)} ${error instanceof Error ? error.message : 'fails'}`;
        }
      }
    }
    throw new Error(`the DNS was asked in vain: ${last}`);
  }

  return {
    async srv(name) {
      const { answers = [] } = await ask(name, 'SRV');
      const rows = answers.flatMap((each) => (each.type === 'SRV' ? [each] : []));
      if (rows.length === 0) throw new Error('the DNS knows no SRV records of it');
      const ttl = Math.min(...rows.map((row) => row.ttl ?? 0));
      const found = rows.flatMap(({ data }): readonly SrvRecord[] => {
        const target = data.target.toLowerCase().replace(/\.$/, '');
        const { port, priority = 0, weight = 0 } = data;
        return target === '' || port === 0 ? [] : [{ target, port, priority, weight }];
      });
      return { found, ttl };
    },
    async addresses(name) {
      const answers = await Promise.all([ask(name, 'A'), ask(name, 'AAAA')]);
      const found = answers.flatMap(({ answers: rows = [] }) =>
        rows.flatMap((row) => (row.type === 'A' || row.type === 'AAAA' ? [row.data] : [])),
      );
      if (found.length === 0) throw new Error(`the DNS knows no address of ${name}`);
      return found;
    },
  };
}

interface Question {
  readonly name: string;
  readonly type: 'SRV' | 'A' | 'AAAA';
}

async function exchange(
  server: HostPort,
  question: Question,
  clock: Clock,
): Promise<DecodedPacket> {
  const id = randomInt(65_536);
  const packet = {
    ...{ type: 'query', id, flags: 0x0100, questions: [question] },
    additionals: [{ type: 'OPT', name: '.', udpPayloadSize: udpSize, flags: 0, options: [] }],
  } as unknown as Parameters<typeof encode>[0];
  const isAnswer = (said: DecodedPacket): boolean => {
    const [first] = said.questions ?? [];
    return (
      said.type === 'response' &&
      said.id === id &&
      first?.type === question.type &&
      first.name.toLowerCase() === question.name.toLowerCase()
    );
  };
  const short = await overUdp(server, encode(packet), isAnswer, clock);
  return short.flag_tc ? overTcp(server, streamEncode(packet), isAnswer, clock) : short;
}

type IsAnswer = (said: DecodedPacket) => boolean;

/** The socket is connected: what others send to it never arrives. */
const overUdp = (
  { host, port }: HostPort,
  question: Buffer,
  isAnswer: IsAnswer,
  clock: Clock,
): Promise<DecodedPacket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const end = (act: () => void): void => {
      callOff();
      socket.removeAllListeners().on('error', () => undefined);
      socket.close();
      act();
    };
    const callOff = clock.after(millis(patience), () => end(() => reject(late())));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(() => reject(new Error(`fails (${error.code ?? 'no code'})`))),
    );
    socket.on('message', (said) => {
      const answer = decoded(said);
      if (answer !== undefined && isAnswer(answer)) end(() => resolve(answer));
    });
    socket.connect(port, host, () => socket.send(question));
  });

const overTcp = (
  { host, port }: HostPort,
  question: Buffer,
  isAnswer: IsAnswer,
  clock: Clock,
): Promise<DecodedPacket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let said: Buffer = Buffer.alloc(0);
    const end = (act: () => void): void => {
      callOff();
      socket.removeAllListeners().on('error', () => undefined);
      socket.destroy();
      act();
    };
    const callOff = clock.after(millis(patience), () => end(() => reject(late())));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(() => reject(new Error(`fails over TCP (${error.code ?? 'no code'})`))),
    );
    socket.on('close', () => end(() => reject(new Error('closed the connection'))));
    socket.on('data', (part) => {
      said = Buffer.concat([said, part]);
      if (said.length < 2 || said.length < 2 + said.readUInt16BE(0)) return;
      const answer = decoded(said.subarray(2, 2 + said.readUInt16BE(0)));
      end(() =>
        answer !== undefined && isAnswer(answer)
          ? resolve(answer)
          : reject(new Error('answers what nobody asked')),
      );
    });
    socket.write(question);
  });

const late = (): Error => new Error(`does not answer within ${patience / 1000} s`);

/** Undefined: it is no packet of DNS. */
function decoded(bytes: Buffer): DecodedPacket | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
