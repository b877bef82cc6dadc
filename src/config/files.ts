/** Reads a text file. Rejects with the code `ENOENT` when there is none. */
export type ReadFile = (path: string) => Promise<string>;

export const isNotFound = (error: unknown): boolean => codeOf(error) === 'ENOENT';

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
