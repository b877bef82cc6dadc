import { about, amiss, type Finding, ok, shownBytes } from './finding.ts';

/** What is known of the folder of the spill. */
export type SpillDisk =
  | { readonly kind: 'unusable'; readonly reason: string }
  | {
      readonly kind: 'there';
      readonly free: number;
      readonly total: number;
      /** In memory: a restart of the machine empties it. */
      readonly isInMemory: boolean;
      /** Where the folder is made at start, that of the next one above. */
      readonly isMissing: boolean;
    };

export function judgeSpill(
  folder: string,
  disk: SpillDisk,
  spillBytes: number,
): readonly Finding[] {
  const check = 'spill';
  if (disk.kind === 'unusable')
    return about(folder, [
      amiss(check, 'error', {
        what: disk.reason,
        why: 'at sluice.retained_bytes nothing can be moved there: what sluice.at_bound says happens',
        remedy: 'Make the folder, and let the user of the service write to it.',
      }),
    ]);
  const findings: Finding[] = [];
  if (disk.isInMemory)
    findings.push(
      amiss(check, 'warning', {
        what: 'is on a file system in memory',
        why: 'a restart of the machine or of the container loses every record that was moved there',
        remedy: 'Choose a folder on a disk, in a container on a volume.',
      }),
    );
  const room = `${shownBytes(disk.free)} free, and up to ${shownBytes(spillBytes)} may be written (sluice.spill_bytes)`;
  findings.push(
    disk.free < spillBytes
      ? amiss(check, 'warning', {
          what: room,
          why: 'a full disk ends the moving, and what sluice.at_bound says happens',
          remedy: 'Free space, or lower sluice.spill_bytes.',
        })
      : ok(check, disk.isMissing ? `${room}; the folder is made when it is needed` : room),
  );
  return about(folder, findings);
}
