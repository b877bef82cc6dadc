import type { Said } from '../loader/frames.ts';

/** A way to speak TLS that no probe sees. */
export type Unseen = 'go' | 'java' | 'gnutls' | 'nss';

/** A process of this machine. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Ticks since the machine began; with the pid it names the process. */
  readonly start: number;
  readonly uid: number;
  readonly name: string;
  /** Path of what it runs, as it sees it; empty: it cannot be read. */
  readonly program: string;
  /** Id of its container; undefined: none that is known. */
  readonly container: string | undefined;
  /** Files with OpenSSL’s functions, as it sees them. */
  readonly libraries: readonly string[];
  readonly unseen: readonly Unseen[];
  /** False: what it has mapped cannot be read, for want of rights. */
  readonly isReadable: boolean;
}

/** Of the loader’s answer to `list`. What is not of the right type is left out. */
export function readProcesses(said: Said): readonly ProcessFacts[] {
  const { processes } = said;
  return Array.isArray(processes) ? processes.flatMap((one) => readProcess(one)) : [];
}

function readProcess(value: unknown): readonly ProcessFacts[] {
  if (typeof value !== 'object' || value === null) return [];
  const facts = value as Readonly<Record<string, unknown>>;
  const { pid, parent, start, uid, container } = facts;
  if (typeof pid !== 'number' || typeof start !== 'number') return [];
  return [
    {
      pid,
      parent: typeof parent === 'number' ? parent : 0,
      start,
      uid: typeof uid === 'number' ? uid : -1,
      name: utf8(facts['name']),
      program: utf8(facts['program']),
      container: typeof container === 'string' ? container : undefined,
      libraries: texts(facts['libraries']),
      unseen: texts(facts['others']).filter((name) => Object.hasOwn(words, name)) as Unseen[],
      isReadable: facts['readable'] === true,
    },
  ];
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map((one) => utf8(one)) : [];

/** The loader sends bytes as the characters of Latin-1. */
const utf8 = (value: unknown): string =>
  typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : '';

const words: Readonly<Record<Unseen, string>> = {
  go: 'Go’s crypto/tls, which it has in itself',
  java: 'Java’s JSSE, unless it has been given OpenSSL',
  gnutls: 'GnuTLS',
  nss: 'NSS',
};

/** What of a process cannot be seen, for people; undefined: nothing that is known of. */
export function unseenWords({ libraries, unseen, isReadable }: ProcessFacts): string | undefined {
  if (!isReadable) return 'what it has mapped cannot be read, for want of rights';
  const others = unseen.map((one) => words[one]).join(', ');
  if (libraries.length > 0) return others === '' ? undefined : `not visible: ${others}`;
  return others === ''
    ? 'it uses no OpenSSL or BoringSSL: nothing of TLS, or something that it has in itself (rustls)'
    : `not visible: ${others}`;
}
