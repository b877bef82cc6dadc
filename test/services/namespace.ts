import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Child, launch } from './process.ts';

const run = promisify(execFile);
let made = 0;

/** A network namespace with a link to this one, as a container has it. */
export interface Namespace {
  /** As the option `netns` takes it. */
  readonly path: string;
  /** The end of its link that is here. */
  readonly link: string;
  /** Its address, that of its `eth0`. */
  readonly address: string;
  /** Starts a program in it, which ends with this process. */
  readonly launch: (argv: readonly string[], options?: Parameters<typeof launch>[2]) => Child;
  /** Ends what was started in it; the link goes with it. */
  stop(): Promise<void>;
}

/** Needs `needNamespaces`. */
export async function makeNamespace(): Promise<Namespace> {
  made += 1;
  const name = `sluice-${process.pid}-${made}`;
  // Interfaces have names of 15 characters at most.
  const link = `slc${process.pid % 100_000}-${made}`;
  const net = `10.213.${(process.pid + made) % 250}`;
  const [here, address] = [`${net}.1`, `${net}.2`];
  const ip = (...args: readonly string[]) => run('ip', [...args]);
  const started: Child[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((child) => child.stop()));
    await ip('netns', 'delete', name);
  };
  await ip('netns', 'add', name);
  try {
    await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('address', 'add', `${here}/24`, 'dev', link);
    await ip('link', 'set', link, 'up');
    for (const words of [
      `address add ${address}/24 dev eth0`,
      'link set eth0 up',
      'link set lo up',
    ])
      await ip('-n', name, ...words.split(' '));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ path: `/run/netns/${name}`, link, address, stop },
    launch(argv, options) {
      const child = launch('ip', ['netns', 'exec', name, ...argv], options);
      started.push(child);
      return child;
    },
  };
}
