import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { addressText } from '../ip/address.ts';
import { inNamespace } from './command.ts';

const run = promisify(execFile);

/** The addresses of a namespace, as its kernel tells them. Undefined: they cannot be had, and nothing is known to be there. */
export async function addressesOf(netns: string): Promise<ReadonlySet<string> | undefined> {
  const command = inNamespace(netns, {
    program: 'cat',
    argv: ['/proc/self/net/fib_trie', '/proc/self/net/if_inet6'],
  });
  const said = await run(command.program, [...command.argv]).catch(() => undefined);
  return said && readAddresses(said.stdout);
}

/** Of fib_trie, the addresses that are this host's; of if_inet6, all. */
export function readAddresses(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, address = ''] of text.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g))
    found.add(address);
  for (const [, digits = ''] of text.matchAll(/^([\da-f]{32}) /gm))
    found.add(addressText(Buffer.from(digits, 'hex'), 0, 16));
  return found;
}
