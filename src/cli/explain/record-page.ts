import { letterHeader } from '../../operate/dead/letter-in-json.ts';
import type { RecordFate, RouteFate } from '../../operate/record-fate.ts';
import type { Spilled } from '../../spill/reading.ts';
import { count } from '../progress.ts';

/** A range on this machine's disk that holds the record. */
export interface SpilledFor {
  readonly instance: string;
  readonly route: string;
  readonly file: Spilled['file'];
}

export const fateJson = (fate: RecordFate, spilled: readonly SpilledFor[]): object => ({
  record: {
    id: fate.id,
    segment: fate.place ?? null,
    routes: fate.routes,
    deadLetters: fate.letters.map(letterHeader),
    spilled: spilled.map(({ instance, route, file }) => ({ instance, route, file: file.name })),
  },
});

export function fatePage(fate: RecordFate, spilled: readonly SpilledFor[]): readonly string[] {
  return [
    `record ${fate.id}`,
    ...placeLines(fate),
    ...fate.routes.map((each) => `  ${each.route}: ${routeText(each)}`),
    ...fate.letters.map(
      ({ route, kind, reason, attempts, lastAt }) =>
        `  ${route}: a dead letter (${kind}: ${reason}), ${count(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}, the last at ${new Date(lastAt).toISOString()}`,
    ),
    ...spilled.map(
      ({ instance, route, file }) =>
        `  ${route}: waits on this machine's disk, in ${file.name} of ${instance}`,
    ),
  ];
}

function placeLines({ place, letters }: RecordFate): readonly string[] {
  if (place === undefined)
    return [
      letters.length === 0
        ? '  Its segment is gone: all routes have answered for it, or there was no such record. None left a dead letter.'
        : '  Its segment is gone: all routes have answered for it.',
    ];
  const { list, records, isInSegment, claimed } = place;
  const where = `  in a segment of ${count(records)} records of ${list}`;
  if (!isInSegment) return [`${where}, which has no record of this number`];
  return claimed === undefined
    ? [`${where}, of a range that the manifest does not name any more: all routes have answered`]
    : [`${where}, claimed ${claimed}`];
}

function routeText(fate: RouteFate): string {
  switch (fate.state) {
    case 'answered':
      return 'has answered for it: delivered, filtered, dropped at the bound, or a dead letter below';
    case 'waiting':
      return 'has not come to it yet';
    case 'leased':
      return `works on it: leased by ${fate.consumer}, last heard of ${fate.idleSeconds.toFixed(1)} s ago, lent ${fate.deliveries === 1 ? 'once' : `${count(fate.deliveries)} times`}`;
    default:
      return fate satisfies never;
  }
}
