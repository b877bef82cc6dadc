import type { RateInForce } from '../../operate/controls.ts';
import type { Rate } from '../../route/pace/rate.ts';

const units: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** What was typed behind the name of a route: records, bytes with their unit, both; `off`: what the configuration says. */
export function readRate(
  words: readonly string[],
): { readonly rate: Rate | undefined } | { readonly problem: string } {
  if (words.length === 1 && words[0] === 'off') return { rate: undefined };
  if (words.length === 1 && words[0] === 'unlimited')
    return { rate: { records: undefined, bytes: undefined } };
  let [records, bytes]: (number | undefined)[] = [];
  for (const word of words) {
    const [, amount = '', unit] = /^(\d{1,12})(B|KiB|MiB|GiB)?$/.exec(word) ?? [];
    const value = Number(amount) * (units[unit ?? 'B'] ?? 1);
    const isSaid = unit === undefined ? records !== undefined : bytes !== undefined;
    if (amount === '' || value < 1 || isSaid) return { problem: `found '${word}', ${expected}` };
    if (unit === undefined) records = value;
    else bytes = value;
  }
  return { rate: { records, bytes } };
}

const expected =
  'expected records a second (500), bytes a second with their unit (2MiB), both, unlimited, or off';

/** In words; of what has none: as fast as the sink takes records. */
export function rateText(rate: RateInForce | null): string {
  const { records, bytes } = rate ?? { records: null, bytes: null };
  const parts = [
    ...(records === null ? [] : [`${records} records/s`]),
    ...(bytes === null ? [] : [`${sized(bytes)}/s`]),
  ];
  return parts.length === 0 ? 'unlimited' : parts.join(', ');
}

function sized(bytes: number): string {
  const unit = ['GiB', 'MiB', 'KiB'].find((name) => bytes % (units[name] ?? 1) === 0);
  return unit === undefined ? `${bytes}B` : `${bytes / (units[unit] ?? 1)}${unit}`;
}
