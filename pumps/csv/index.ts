import { bytes, csvDocument, definePump, millis } from '#pump';
import { diskFolder } from '../shared/files/folder.ts';
import { columnsTwice } from './encode.ts';
import { options } from './options.ts';
import { CsvSink } from './sink.ts';

export default definePump({
  type: 'csv',
  title: 'CSV Pump',
  summary: 'Appends records to a CSV file for each hour.',
  options,
  document: () => csvDocument,
  checkDocument: columnsTwice,
  // Large batches: each costs one write and one wait for the disk. One at a time, for there is one end of the file.
  limits: { records: 10_000, bytes: bytes(8 * 1024 * 1024), age: millis(1_000), inFlight: 1 },
  // There is one end of the file, and one header at its beginning.
  workers: 'one',
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  open: (given, context) =>
    Promise.resolve(new CsvSink(diskFolder(given.csv_dir, given.file_mode), given, context)),
});
