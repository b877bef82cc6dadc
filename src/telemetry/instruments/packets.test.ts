import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packets, packetBytes } from './packets.ts';

/** The packets that a list of lines becomes. */
function packed(lines: readonly string[]): readonly string[] {
  const sent: string[] = [];
  const packets = new Packets((packet) => sent.push(packet.toString()));
  for (const line of lines) packets.add(line);
  packets.flush();
  return sent;
}

describe('packets for StatsD', () => {
  it('hold lines, each with its line feed', () => {
    expect(packed(['a:1|c', 'b:2|c'])).toEqual(['a:1|c\nb:2|c\n']);
    expect(packed([])).toEqual([]);
  });

  it('are of 1440 bytes at most', () => {
    const line = 'x'.repeat(719);
    expect(packed([line, line, 'y'])).toEqual([`${line}\n${line}\n`, 'y\n']);
    expect(packed(['x'.repeat(1439), 'y'])).toHaveLength(2);
  });

  it('leave out a line that fits into none', () => {
    expect(packed(['a', 'x'.repeat(1440), 'ü'.repeat(720), 'b'])).toEqual(['a\nb\n']);
  });

  it('lose and reorder nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 900 }).map((text) => text.replace(/\n/g, ''))),
        (lines) => {
          const sent = packed(lines);
          const fits = lines.filter((line) => Buffer.byteLength(line) < packetBytes);
          expect(sent.join('')).toBe(fits.map((line) => `${line}\n`).join(''));
          for (const packet of sent) expect(Buffer.byteLength(packet)).toBeLessThanOrEqual(1440);
        },
      ),
    );
  });
});
