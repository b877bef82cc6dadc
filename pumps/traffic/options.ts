import { duration, fileMode, flag, type OptionsOf, size, text } from '#pump';

export const options = {
  folder: text({
    doc: 'Folder of the store, such as `/var/lib/sluice/traffic`: on a local disk, created with its parents. One process writes to it, any number read.',
  }),
  max_bytes: size({
    doc: 'Most bytes on disk; beyond them the oldest calls go, a sixteenth of the store at a time.',
    default: '1GiB',
    min: '4MiB',
  }),
  max_age: duration({
    doc: 'Calls that came longer ago go, likewise; up to a sixteenth of this later. `0s`: none goes because of its age.',
    default: '0s',
  }),
  trigrams: flag({
    doc: 'Keeps which texts are where in payloads, so that a search reads few of them. Costs about 512 bytes a call; without it, searches read every payload that the other terms leave.',
    default: true,
  }),
  file_mode: fileMode({
    doc: 'Permissions of new files, minus the process’s umask; whoever may read the files may also search new folders. Readers of a store that is written to must be able to write to its files, too.',
    default: '0600',
  }),
};

export type Options = OptionsOf<typeof options>;
