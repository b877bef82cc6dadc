import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { explain } from '../lib/errors.ts';
import { bareHost, shownHostPort } from '../lib/host-port.ts';
import { seconds } from '../lib/units.ts';
import { withDeadline } from '../lib/waiting.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/command.ts';

export type LiveCommand = Extract<Command, { kind: 'live' }>;

/** Shorter than what a container's runtime gives its probes. */
const deadline = seconds(2.5);

/** `sluice live`: whether the service of this configuration runs on this machine. For the probes of containers. */
export async function live({ flags }: LiveCommand, context: CommandContext): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  const { clock, signal, stdout, stderr } = context;
  const { address, port } = config.health;
  const scheme = config.admin.tls === undefined ? 'http' : 'https';
  const url = `${scheme}://${shownHostPort({ host: nearHost(bareHost(address)), port })}/live`;
  try {
    const ask = (either: AbortSignal): Promise<number> => statusOf(url, either);
    const status = await withDeadline(ask, { clock, after: deadline }, signal);
    const ok = status >= 200 && status < 300;
    (ok ? stdout : stderr).write(`${url}: ${status}\n`);
    return ok ? 0 : 1;
  } catch (error) {
    stderr.write(`${url}: ${explain(error)}\n`);
    return 1;
  }
}

/**
 * By the plain client: a probe is a process of its own every few seconds, and `fetch` makes it half as dear again. The
 * certificate is for the name that others use, and is not looked at: nothing is told to who answers on this machine.
 */
const statusOf = (url: string, signal: AbortSignal): Promise<number> =>
  new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? getSecurely : get;
    ask(url, { signal, agent: false, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on('error', reject);
  });

/** Where a server that listens everywhere is reached from here. */
const nearHost = (host: string): string =>
  host === '' || host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
