import type { FileHandle } from 'node:fs/promises';

/** How far a file has been read, and which file that was, whatever it is called now. */
export interface Position {
  readonly inode: number;
  /** Bytes of whole lines. */
  readonly offset: number;
  /** The beginning of the file: another one may have its inode, or stand in its place after a truncation. */
  readonly head: string;
}

/** Bytes that tell a file from others; of a log they have a time. */
const headBytes = 256;

export async function headOf(file: FileHandle, offset: number): Promise<string> {
  const bytes = Buffer.alloc(Math.min(headBytes, offset));
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
  return bytes.toString('base64', 0, bytesRead);
}

/** Whether it is the file that the position is of, as far as that was read. */
export async function isOf(file: FileHandle, { inode, offset, head }: Position): Promise<boolean> {
  const { ino, size } = await file.stat();
  return (
    ino === inode &&
    size >= offset &&
    (await headOf(file, Math.min(offset, Buffer.from(head, 'base64').length))) === head
  );
}

export function positionIn(value: unknown): Position | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { inode, offset, head } = value as Partial<Record<keyof Position, unknown>>;
  return typeof inode === 'number' &&
    typeof offset === 'number' &&
    offset >= 0 &&
    typeof head === 'string'
    ? { inode, offset, head }
    : undefined;
}
