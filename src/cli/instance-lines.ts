import { visible } from '../lib/visible.ts';
import { instanceRemarks } from '../operate/instance-about.ts';
import type { LiveInstance } from '../operate/instances.ts';
import { table } from './table.ts';

/** A row for each; nothing where there is none. */
export function instanceLines(instances: readonly LiveInstance[]): readonly string[] {
  if (instances.length === 0) return [];
  const rows = instances
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, said, secondsAgo }) => [
      name,
      said?.version ?? 'before 0.2.0',
      said?.layout ?? '1',
      secondsAgo === undefined ? 'reading' : `${secondsAgo} s ago`,
    ]);
  return [
    '',
    ...table([['INSTANCES HEARD OF', 'VERSION', 'LAYOUT', 'SEEN'], ...rows]),
    ...instanceRemarks(instances).map((remark) => `${visible(remark)}.`),
  ];
}
