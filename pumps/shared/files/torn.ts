import { copyRange } from './append.ts';
import type { FileState, Folder, OpenFile } from './folder.ts';

/**
 * Takes a torn end away from a file. What is cut is kept in `<name>.torn`: should the file be somebody else's and the judgement
 * wrong, nothing is lost.
 */
export async function setTornAside(
  folder: Folder,
  file: OpenFile,
  name: string,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  const aside = await folder.open(`${name}.torn`);
  try {
    await copyRange(file, aside, range);
  } finally {
    await aside.close();
  }
  await file.truncate(range.from);
}

/** Up to where a file is whole now that we have written to it; as before where another process has written too. */
export async function wholeAfter(
  file: OpenFile,
  before: FileState,
  length: number,
): Promise<FileState> {
  const grown = before.size + length;
  const { id, size } = await file.state();
  return size === grown ? { id, size } : before;
}
