import { networkInterfaces } from 'node:os';
import type { SourceRule } from '#source';
import { readCidrs } from '../shared/lists/cidr.ts';
import { readHosts } from '../shared/lists/hosts.ts';
import { addressesOf } from './live/addresses.ts';
import type { Options } from './options.ts';

export const filesOf = ({ files, file }: Options): readonly string[] =>
  file === '' ? files : [...files, file];

/** What no option says alone. */
export function* check(options: Options): Generator<SourceRule> {
  const files = filesOf(options);
  const isLive = options.interface !== '';
  if (files.length === 0 && !isLive)
    yield error('interface', 'an interface to look at, or files to read');
  if (files.length > 0 && isLive) yield error('files', 'nothing where there is an `interface`');
  if (options.netns !== '' && !isLive) yield error('netns', 'an `interface` in that namespace');
  // tcpdump would take them for options of its own.
  if (options.interface.startsWith('-')) yield error('interface', 'the name of an interface');
  if (options.filter.startsWith('-')) yield error('filter', 'a filter, which begins with no `-`');
  if (options.netns !== '' && !/^(?:[1-9]\d{0,9}|\/.*)$/.test(options.netns))
    yield error('netns', 'the id of a process, or a path that begins with `/`');
  for (const { entry, words } of readHosts(options.hosts).problems)
    yield error(`hosts[${options.hosts.indexOf(entry)}]`, words);
  for (const { entry, words } of readCidrs(options.local).problems)
    yield error(`local[${options.local.indexOf(entry)}]`, words);
  for (const [index, path] of options.paths.entries())
    if (!/^[/*]/.test(path)) yield error(`paths[${index}]`, 'a path that begins with `/` or `*`');
}

const error = (key: string, message: string): SourceRule => ({ key, severity: 'error', message });

/** Whether an address is of the machine or namespace, or of those that the operator names. Asked once for each connection. */
export async function hereOf(options: Options): Promise<(address: string) => boolean> {
  if (options.local.length > 0) {
    const { list } = readCidrs(options.local);
    return (address) => list.includes(address);
  }
  // In a file nobody knows.
  if (options.interface === '') return () => false;
  if (options.netns !== '') {
    const own = await addressesOf(options.netns);
    return (address) => own?.has(address) === true;
  }
  return (address) =>
    Object.values(networkInterfaces()).some((own) => own?.some((each) => each.address === address));
}
