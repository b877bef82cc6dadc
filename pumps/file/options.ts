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
    doc: 'Permissions of new files, less what the process’s umask takes away; new folders may be searched by whoever may read.',
    default: '0640',
  }),
  rotate_bytes: size({
    doc: 'The file is put aside before it becomes larger than that. `0B`: never for its size.',
    default: '100MiB',
  }),
  rotate_every: duration({
    doc: 'The file is put aside at the first record of a new stretch of so long, such as `1h` or `24h`, counted in UTC from midnight. `0s`: never for its age.',
    default: '0s',
  }),
  gzip: flag({ doc: 'Compresses files that were put aside, as `.gz`.', default: false }),
  keep_files: integer({
    doc: 'Most files that were put aside and are kept; the oldest are deleted. 0: all.',
    default: 0,
    min: 0,
  }),
  keep_bytes: size({
    doc: 'Most bytes of files that were put aside; the oldest are deleted. `0B`: any number.',
    default: '0B',
  }),
  keep_for: duration({
    doc: 'A file is deleted so long after it was put aside. `0s`: never.',
    default: '0s',
  }),
  lock: flag({
    doc: 'A socket beside the file, `<path>.lock`, while it is written to: two processes of a machine take turns. Without it nothing keeps them apart: for file systems that have no sockets.',
    default: true,
  }),
};

export type Options = OptionsOf<typeof options>;
