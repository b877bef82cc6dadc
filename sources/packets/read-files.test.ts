import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { pcap } from './frames.testing.ts';
import { startPackets } from './live.testing.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'packets-'));
});
afterEach(() => rm(folder, { recursive: true }));

const calls = (port: number, path_: string): Buffer =>
  pcap(
    new ScriptedConnection({ client: { address: '10.0.0.7', port } })
      .open()
      .say('client', `GET ${path_} HTTP/1.1\r\nHost: a.example\r\n\r\n`)
      .say('server', 'HTTP/1.1 204 No Content\r\n\r\n')
      .close().frames,
  );

async function files(...contents: readonly Buffer[]): Promise<readonly string[]> {
  const paths = contents.map((_, index) => path.join(folder, `${index}.pcap`));
  for (const [index, file] of paths.entries()) await writeFile(file, contents[index] ?? '');
  return paths;
}

const targets = (packets: Awaited<ReturnType<typeof startPackets>>): readonly string[] =>
  packets.exchanges.map(({ request }) => request.target);

describe('files', () => {
  it('are read one after the other, compressed ones too, and then the source has ended', async () => {
    const packets = await startPackets({
      files: await files(calls(1, '/1'), gzipSync(calls(2, '/2'))),
    });

    expect(await packets.ended).toBe(true);
    expect(targets(packets)).toEqual(['/1', '/2']);
    expect(packets.log.warnings()).toEqual([]);
    await packets.stop();
  });

  it('that are not whole, or not there, are said, and the others are read', async () => {
    const whole = calls(1, '/1');
    const cut = gzipSync(calls(2, '/2'));
    const paths = await files(
      whole.subarray(0, whole.length - 5),
      cut.subarray(0, cut.length - 9),
      calls(3, '/3'),
    );
    const packets = await startPackets({ files: [path.join(folder, 'none.pcap'), ...paths] });

    expect(await packets.ended).toBe(false);
    expect(targets(packets).slice(0, 1)).toEqual(['/1']);
    expect(targets(packets).at(-1)).toBe('/3');
    const reasons = packets.log.lines
      .filter(({ level }) => level === 'error')
      .map(({ fields }) => String(fields['reason']));
    expect(reasons).toEqual([
      expect.stringMatching(/ENOENT/),
      expect.stringMatching(/ends in the middle of a packet/),
      expect.stringMatching(/unexpected end of file/),
    ]);
    await packets.stop();
  });
});
