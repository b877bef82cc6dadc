import { duration, fileMode, integer, type OptionsOf, size, text } from '#pump';

export const options = {
  path: text({
    doc: 'The file that holds the model, such as `/var/lib/sluice/model.json`; its folder is created with its parents. A file that is there is read at the start, and the model goes on from it.',
  }),
  baseline: text({
    doc: 'The file of an earlier model, to which calls are held: what is not as it says is counted as a violation. Empty: nothing is.',
    default: '',
  }),
  page: text({
    doc: 'Path on the admin server at which the model is shown, such as `/api/model`. Whoever may ask the admin server’s other pages may see it. Empty: no page.',
    default: '',
  }),
  write_every: duration({
    doc: 'Records are gathered for so long, unless there are many; then they are learned, the file is written, and they count as delivered.',
    default: '5s',
  }),
  file_mode: fileMode({
    doc: 'Permissions of the file, minus the process’s umask; whoever may read it may also search new folders.',
    default: '0640',
  }),
  max_hosts: integer({
    doc: 'Maximum number of hosts; calls of others are left out and counted.',
    default: 100,
    min: 1,
  }),
  max_paths: integer({
    doc: 'Maximum number of places in all paths, values of parameters taken together; what needs more is left out and counted.',
    default: 20_000,
    min: 100,
  }),
  max_places: integer({
    doc: 'Maximum number of parameters, headers and members in all schemas; what needs more is left out and counted.',
    default: 200_000,
    min: 1_000,
  }),
  max_body: size({
    doc: 'Largest body that is looked into, unpacked. A larger one is counted, without its schema.',
    default: '1MiB',
  }),
};

export type Options = OptionsOf<typeof options>;
