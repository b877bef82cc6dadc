import { choice, duration, fileMode, flag, integer, type OptionsOf, size, text } from '#pump';

export const options = {
  path: text({
    doc: 'The file that records are appended to, such as `/var/log/sluice/analytics.ndjson`; its folder is created with its parents.',
  }),
  fsync: choice(['batch', 'none'], {
    doc: '`batch`: a record counts as delivered once it is on the disk. `none`: once the operating system has it, so that a power cut may lose what it had not written yet.',
    default: 'batch',
  }),
  file_mode: fileMode({
    doc: 'Permissions of new files, minus the process’s umask; whoever may read the files may also search new folders.',
    default: '0640',
  }),
  rotate_bytes: size({
    doc: 'The file is put aside before it becomes larger than this. `0B`: never because of its size.',
    default: '100MiB',
  }),
  rotate_every: duration({
    doc: 'The file is put aside at the first record of a new period of this length, such as `1h` or `24h`, counted in UTC from midnight. `0s`: never because of its age.',
    default: '0s',
  }),
  gzip: flag({ doc: 'Compresses files that were put aside, as `.gz`.', default: false }),
  keep_files: integer({
    doc: 'Maximum number of files put aside that are kept; the oldest are deleted. 0: all are kept.',
    default: 0,
    min: 0,
  }),
  keep_bytes: size({
    doc: 'Maximum bytes of files put aside; the oldest are deleted. `0B`: no limit.',
    default: '0B',
  }),
  keep_for: duration({
    doc: 'A file is deleted this long after it was put aside. `0s`: never.',
    default: '0s',
  }),
  lock: flag({
    doc: 'Uses a socket next to the file, `<path>.lock`, while writing, so that two processes on a machine take turns. Without it nothing keeps them apart; turn it off for file systems without sockets.',
    default: true,
  }),
};

export type Options = OptionsOf<typeof options>;
