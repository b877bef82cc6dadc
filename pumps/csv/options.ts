import { choice, type OptionsOf, text } from '#pump';

export const options = {
  csv_dir: text({
    doc: 'Folder of the files; created with its parents. Empty: the working directory.',
    default: '',
  }),
  fsync: choice(['batch', 'never'], {
    doc: '`batch`: a record counts as delivered once it is on the disk. `never`: once the operating system has it, so that a power cut may lose what it had not written yet.',
    default: 'batch',
  }),
};

export type Options = OptionsOf<typeof options>;
