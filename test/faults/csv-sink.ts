import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from './digest.ts';
import { indexIn } from './records.ts';

/** A row as it lies in a file. */
export interface Row {
  readonly index: number | undefined;
  readonly digest: string;
}

/**
 * All rows in the CSV files of several folders, without the heads. The generated records hold no line break, so a line
 * is a record; a last line that a kill cut short counts for nothing.
 */
export async function rowsIn(folders: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const bytes = await readFile(path.join(folder, name));
      let start = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
        const line = bytes.subarray(start, end + 1);
        start = end + 1;
        if (!isHead(line)) rows.push({ index: indexIn(line), digest: digestOf(line) });
      }
    }
  }
  return rows;
}

const isHead = (line: Buffer): boolean => line.toString('latin1', 0, 12) === 'Method,Host,';
