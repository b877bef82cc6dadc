import { classify, explain, type FailureKind, retry, type Verdict } from '#pump';

/** What the file system's errors mean here. All of them can end, so none gives a record up. */
const kinds: Readonly<Record<string, FailureKind>> = {
  ENOSPC: 'throttled',
  EDQUOT: 'throttled',
  EFBIG: 'throttled',
  EMFILE: 'throttled',
  ENFILE: 'throttled',
  EACCES: 'unauthorised',
  EPERM: 'unauthorised',
  EROFS: 'unauthorised',
  ENOENT: 'unreachable',
  ENOTDIR: 'unreachable',
  EEXIST: 'unreachable',
  EISDIR: 'unreachable',
  ELOOP: 'unreachable',
  EIO: 'unreachable',
  ENODEV: 'unreachable',
  ENXIO: 'unreachable',
  ESTALE: 'unreachable',
};

export function verdictOf(error: unknown): Verdict {
  const kind = error instanceof Error && 'code' in error ? kinds[String(error.code)] : undefined;
  return kind === undefined
    ? classify(error)
    : retry({ kind, message: explain(error), cause: error });
}
