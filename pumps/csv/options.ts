import { choice, fileMode, type OptionsOf, text } from '#pump';

export const options = {
  csv_dir: text({
    doc: 'Folder of the files; created with its parents. Empty: the working directory.',
    default: '',
  }),
  fsync: choice(['batch', 'never'], {
    doc: '`batch`: a record counts as delivered once it is on the disk. `never`: once the operating system has it, so that a power cut may lose what it had not written yet.',
    default: 'batch',
  }),
  file_mode: fileMode({
    doc: 'Permissions of new files, minus the process’s umask; whoever may read the files may also search new folders. Tyk Pump: `0644`.',
    default: '0640',
  }),
  formulas: choice(['keep', 'text'], {
    doc: 'Texts that a spreadsheet would run because they begin with `=`, `+`, `-`, `@`, a tab or a line end: `keep`: write them as they are, as in Tyk Pump. `text`: put an apostrophe in front.',
    default: 'keep',
  }),
};

export type Options = OptionsOf<typeof options>;
