/**
 * As much of a container engine as compose.yaml needs, of what Linux has: a network of their own for all services, in which each has a name and
 * an address, and for each a root of its own above this machine's, with its volumes, user and environment. Nothing that they write
 * is seen outside, no port of theirs is in anybody's way.
 */
import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  type Child,
  launch,
  scratchFolder,
  Unavailable,
  until,
} from '../../../services/process.ts';
import { root, type Service } from './composition.ts';
import type { Content } from './images.ts';

const run = promisify(execFile);

export class Containers {
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #folder: string;
  readonly #network: Child;
  readonly #running = new Map<string, Child>();

  /** Throws `Unavailable` where this machine does not let us. */
  static async start(names: readonly string[]): Promise<Containers> {
    const folder = await scratchFolder('containers');
    const network = launch('unshare', ['--net', 'sh', '-ec', 'ip link set lo up; exec sleep 3600']);
    const containers = new Containers(folder, network, names);
    try {
      await until('the network is there', () => containers.#isAnswering(), 5_000);
      const trial = { entrypoint: [], command: ['sh', '-c', 'test -w /etc && cat /etc/hosts'] };
      const said = await run('sh', [
        '-ec',
        await containers.#script('trial', [], { ...trial, ...bare }),
      ]);
      if (!said.stdout.includes(names[0] ?? '')) throw new Error(said.stdout);
    } catch (error) {
      await network.kill9();
      const reason = error instanceof Error ? error.message.split('\n').at(-1) : String(error);
      throw new Unavailable(`This machine lets no test make containers: ${reason ?? ''}`);
    }
    return containers;
  }

  private constructor(folder: string, network: Child, names: readonly string[]) {
    this.#folder = folder;
    this.#network = network;
    this.#addresses = new Map(names.map((name, index) => [name, `127.77.0.${index + 10}`]));
  }

  async start(service: Service, content: Content): Promise<void> {
    const { entrypoint = content.entrypoint, environment, volumes, isReadOnly } = service;
    // As an engine does it: another entry point goes without the image's command.
    const command = service.command ?? (service.entrypoint === undefined ? content.command : []);
    const files = [
      ...Object.entries(content.files).map(([target, source]) => ({
        source,
        target,
        isReadOnly: true,
      })),
      ...volumes,
    ];
    const script = await this.#script(service.name, files, {
      ...content,
      ...{ entrypoint, command, isReadOnly },
      environment: { ...content.environment, ...environment },
    });
    this.#running.set(service.name, launch('sh', ['-ec', script]));
  }

  /** What a command says that is run in a service's container. Rejects where it fails. */
  async run(name: string, command: readonly string[]): Promise<string> {
    const { pid } = this.#of(name);
    const inside = ['--target', String(pid), '--net', '--mount', '--root', '--wd=/', ...command];
    return (await run('nsenter', inside, { timeout: 10_000 })).stdout;
  }

  /** The JSON at an address of the services' network, `http://redis:6379/`. */
  async fetch(url: string): Promise<unknown> {
    const name = new URL(url).hostname;
    const here = url.replace(`//${name}:`, `//${this.#addresses.get(name) ?? name}:`);
    const { stdout } = await run('nsenter', [
      ...this.#inNetwork(),
      'curl',
      '-sS',
      '--max-time',
      '5',
      here,
    ]);
    return JSON.parse(stdout) as unknown;
  }

  isRunning(name: string): boolean {
    return this.#of(name).isRunning();
  }

  output(name: string): string {
    return this.#of(name).output();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((child) => child.stop()));
    await this.#network.kill9();
  }

  #of(name: string): Child {
    const child = this.#running.get(name);
    if (child === undefined) throw new Error(`${name} was not started.`);
    return child;
  }

  #inNetwork(): readonly string[] {
    return [`--net=/proc/${this.#network.pid}/ns/net`];
  }

  async #isAnswering(): Promise<boolean> {
    const said = await run('nsenter', [...this.#inNetwork(), 'ip', 'link', 'show', 'lo']).catch(
      () => undefined,
    );
    return /\bUP\b/.test(said?.stdout ?? '');
  }

  /** A shell's text that becomes the service's program. */
  async #script(name: string, files: readonly Mount[], what: Started): Promise<string> {
    const base = path.join(this.#folder, name);
    const top = path.join(base, 'root');
    const hosts = path.join(this.#folder, `${name}.hosts`);
    const lines = [...this.#addresses].map(([each, address]) => `${address} ${each}\n`);
    await writeFile(hosts, `127.0.0.1 localhost\n${lines.join('')}`);
    await mkdir(base, { recursive: true });
    const { user, folder, environment, isReadOnly } = what;
    const scripts = Object.entries(what.scripts).map(
      ([target, text]) =>
        `printf '%s\\n' '#!/bin/sh' '${text}' > ${quoted(top + target)}; chmod 755 ${quoted(top + target)}`,
    );
    const variables = Object.entries({ PATH: usualPath, HOME: '/', ...environment });
    const steps = [
      `mount -t tmpfs tmpfs ${quoted(base)}`,
      ...['upper', 'work', 'root'].map((each) => `mkdir ${quoted(path.join(base, each))}`),
      `mount -t overlay overlay -o lowerdir=/,upperdir=${base}/upper,workdir=${base}/work ${quoted(top)}`,
      `mount --rbind /proc ${quoted(`${top}/proc`)}`,
      `mount --rbind /dev ${quoted(`${top}/dev`)}`,
      `mount -t tmpfs tmpfs ${quoted(`${top}/tmp`)}; chmod 1777 ${quoted(`${top}/tmp`)}`,
      // The checkout may lie below /tmp, or on a disk of its own, of which the overlay has nothing.
      `mkdir -p ${quoted(top + root)}`,
      `mount --bind ${quoted(root)} ${quoted(top + root)}; mount -o remount,bind,ro ${quoted(top + root)}`,
      `cp ${quoted(hosts)} ${quoted(`${top}/etc/hosts`)}`,
      `mkdir -p ${quoted(top + folder)}`,
      ...(user === 0 ? [] : [`chown ${user}:${user} ${quoted(top + folder)}`]),
      ...scripts,
      ...(await Promise.all(files.map((file) => mounted(top, file)))),
      ...(isReadOnly ? [`mount -o remount,ro ${quoted(top)}`] : []),
      [
        `exec chroot --userspec=${user}:${user} ${quoted(top)} env -i`,
        ...variables.map(([variable, value]) => quoted(`${variable}=${value}`)),
        `sh -c ${quoted(`cd ${quoted(folder)}; exec "$@"`)} sh`,
        ...[...what.entrypoint, ...what.command].map(quoted),
      ].join(' '),
    ];
    const outside = [
      'nsenter',
      ...this.#inNetwork(),
      'unshare',
      '--mount',
      '--propagation',
      'private',
    ];
    return `exec ${[...outside, 'sh', '-ec', steps.join('\n')].map(quoted).join(' ')}`;
  }
}

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

type Started = Omit<Content, 'files'> & { readonly isReadOnly: boolean };

const bare = { environment: {}, folder: '/', user: 0, scripts: {}, isReadOnly: false } as const;
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A source that is not there is an error: an engine would make an empty folder of it. */
async function mounted(top: string, { source, target, isReadOnly }: Mount): Promise<string> {
  const place = quoted(top + target);
  const isFolder = (await stat(source)).isDirectory();
  const made = isFolder
    ? `mkdir -p ${place}`
    : `mkdir -p ${quoted(path.dirname(top + target))}; test -e ${place} || touch ${place}`;
  const bound = `mount --bind ${quoted(source)} ${place}`;
  return [made, bound, ...(isReadOnly ? [`mount -o remount,bind,ro ${place}`] : [])].join('; ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
