import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { env } from 'node:process';
import type { Finding } from '#source';
import { inspectFiles, isProgram } from '../shared/files/inspect-files.ts';
import type { Options } from './options.ts';

/**
 * What would be wrong with the files that the options name; and, as a warning, for it may be checked on another machine, what
 * this one lacks to capture. Never rejects.
 */
export async function inspectPackets(options: Options): Promise<readonly Finding[]> {
  const { files, file, interface: name, netns, tcpdump } = options;
  const terms = { severity: 'error', expected: 'a file of packets that can be read' } as const;
  const findings = [...(await inspectFiles(files, (index) => `files[${index}]`, terms))];
  if (file !== '' && file !== '-')
    findings.push(...(await inspectFiles([file], () => 'file', terms)));
  if (name === '') return findings;
  const lacks = (option: string, found: string, expected: string): void => {
    findings.push({
      option,
      found: `${found}, which is not on this machine`,
      expected,
      severity: 'warning',
    });
  };
  const searched = env['PATH'] ?? '';
  if (!isProgram(tcpdump, searched))
    lacks('tcpdump', tcpdump, 'tcpdump, installed where it captures');
  if (netns !== '' && !isProgram('nsenter', searched))
    lacks('netns', 'nsenter', 'nsenter, of util-linux, where it captures');
  const isInterface =
    name === 'any' ||
    networkInterfaces()[name] !== undefined ||
    existsSync(`/sys/class/net/${name}`);
  if (netns === '' && !isInterface)
    lacks('interface', name, 'an interface of the machine where it captures, or `any`');
  return findings;
}
