/* What `sluice capture validate` says of sources that read files or need something of the machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceKind } from '../../../src/capture/define/define-source.ts';
import accessLog from '../../access-log/index.ts';
import ebpf from '../../ebpf/index.ts';
import har from '../../har/index.ts';
import packets from '../../packets/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-inspect-'));
  await writeFile(path.join(folder, 'there'), 'not JSON');
});
afterAll(() => rm(folder, { recursive: true }));

async function inspected(kind: SourceKind, text: string): Promise<readonly string[]> {
  const raw = JSON.parse(text.replaceAll('DIR', folder)) as Readonly<Record<string, unknown>>;
  const { source, problems } = kind.prepare({
    ...{ raw, source: 'test', at: '', env: {} },
    ...{ layers: [], unresolved: new Map<string, string>(), allowed: [] },
  });
  if (source === undefined) throw new Error(JSON.stringify(problems));
  const found = await source.inspect({ hasRedis: false });
  return found.map(({ key, severity, found: what }) => `${severity} ${key}: ${what}`);
}

test.each<[string, SourceKind, string, readonly RegExp[]]>([
  ['a file that is there', har, '{"files": ["DIR/there", "DIR"]}', []],
  [
    'a HAR that is not',
    har,
    '{"files": ["DIR/no.har"]}',
    [/^error files\[0\]: .*no\.har, which cannot be read/],
  ],
  ['one that may come', har, '{"files": ["DIR/no.har"], "watch": true}', [/^warning files\[0\]/]],
  [
    'a state file that is not ours',
    har,
    '{"files": ["DIR"], "state_file": "DIR/there"}',
    [/^error state_file: .*no JSON/],
  ],
  [
    'a state file in no folder',
    accessLog,
    '{"file": ["DIR/there"], "format": "nginx", "state_file": "DIR/no/state"}',
    [/^error state_file/],
  ],
  [
    'a log that is not there',
    accessLog,
    '{"file": ["DIR/there", "DIR/no.log"], "format": "nginx"}',
    [/^error file\[1\]: .*no\.log/],
  ],
  [
    'one that may come',
    accessLog,
    '{"file": ["DIR/no.log"], "format": "nginx", "follow": true}',
    [/^warning file\[0\]/],
  ],
  [
    'packets that are not there',
    packets,
    '{"files": ["DIR/there"], "file": "DIR/no.pcap"}',
    [/^error file: .*no\.pcap/],
  ],
  ['standard input', packets, '{"file": "-"}', []],
  [
    'a machine that lacks what is needed',
    packets,
    '{"interface": "no-such0", "tcpdump": "DIR/tcpdump"}',
    [
      /^warning tcpdump: .*not on this machine/,
      /^warning interface: no-such0, which is not on this machine/,
    ],
  ],
  ['any interface', packets, '{"interface": "any", "tcpdump": "/bin/sh"}', []],
  [
    'a loader that is not there',
    ebpf,
    '{"watch": ["1"], "loader": ["DIR/loader"]}',
    [/^warning loader: .*cannot be started/],
  ],
  ['a command of the operator’s', ebpf, '{"watch": ["1"], "loader": ["sh"]}', []],
])('%s', async (_, kind, text, says) => {
  const found = await inspected(kind, text);
  expect(found).toHaveLength(says.length);
  for (const [index, words] of says.entries()) expect(found[index]).toMatch(words);
});
