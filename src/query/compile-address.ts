import { readAddress } from '../lib/ip.ts';
import { slotOf } from '../record/slots.ts';
import type { Holds } from './holds.ts';
import type { AddressTest } from './tree.ts';

const octets = new Uint8Array(16);

export function compileAddress({ field, network, prefix }: AddressTest): Holds {
  const slot = slotOf[field];
  const whole = prefix >> 3;
  const mask = (0xff00 >> (prefix & 7)) & 0xff;
  const rest = network[whole] ?? 0;
  return (record) => {
    const { source, start, end } = record.span(slot);
    if (readAddress(source, start, end, octets) !== network.length) return false;
    for (let at = 0; at < whole; at++) if (octets[at] !== network[at]) return false;
    return mask === 0 || ((octets[whole] as number) & mask) === (rest & mask);
  };
}
