import { duration, fileMode, integer, type OptionsOf, size, text } from '#pump';

export const options = {
  folder: text({
    doc: 'Folder of the files; created with its parents. Empty: the working directory.',
    default: '',
  }),
  name: text({
    doc: 'Beginning of their names: `sluice-20261201T100000Z-0001.har`. Letters, digits, `.`, `_` and `-`.',
    default: 'sluice',
  }),
  file_mode: fileMode({
    doc: 'Permissions of new files, minus the process’s umask; whoever may read the files may also search new folders.',
    default: '0600',
  }),
  most_bytes: size({
    doc: 'A new file is begun before one becomes larger than this; a batch stays together.',
    default: '64MiB',
    min: '1KiB',
  }),
  most_entries: integer({
    doc: 'A new file is begun before one has more entries than this; a batch stays together. 0: no bound.',
    default: 0,
    min: 0,
  }),
  every: duration({
    doc: 'A new file is begun this long after the last one was, at the next record. `0s`: never because of its age.',
    default: '0s',
  }),
};

export type Options = OptionsOf<typeof options>;
