import type { Dropper } from '../input/packet.ts';

/**
 * What tcpdump says of packets so far, in a line that it is asked for, and in several at its end. Those that it calls received are of no
 * use: of the loopback they are twice as many.
 */
export class TcpdumpCounts {
  /** Written by it. */
  captured = 0;
  readonly #dropped: Record<Dropper, number> = { kernel: 0, interface: 0 };
  readonly #onDrops: (packets: number, by: Dropper) => void;

  constructor(onDrops: (packets: number, by: Dropper) => void) {
    this.#onDrops = onDrops;
  }

  /** False: the line says nothing of packets. */
  take(line: string): boolean {
    const numbers = [...line.matchAll(/(\d+) packets? (captured|received|dropped by \w+)/g)];
    for (const [, count, what = ''] of numbers) {
      if (what === 'captured') this.captured = Number(count);
      else if (what.startsWith('dropped'))
        this.#drop(Number(count), what.endsWith('kernel') ? 'kernel' : 'interface');
    }
    return numbers.length > 0;
  }

  #drop(sum: number, by: Dropper): void {
    const more = sum - this.#dropped[by];
    if (more <= 0) return;
    this.#dropped[by] = sum;
    this.#onDrops(more, by);
  }
}
