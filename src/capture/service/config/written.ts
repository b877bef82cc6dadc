import { codeOf, isNotFound, type ReadFile } from '../../../config/files.ts';
import type { Locate } from '../../../config/locate.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import { readStructured } from '../../../config/structured/read.ts';

/** What was written: in a file, or as flags. */
export interface Written {
  readonly raw: unknown;
  /** The file's name, or `flags`. */
  readonly source: string;
  readonly locate: Locate;
  readonly problems: readonly PlacedProblem[];
}

/** Reads a configuration file: YAML, JSON or TOML by the ending of its name. */
export async function readCaptureFile(path: string, readFile: ReadFile): Promise<Written> {
  const broken = (found: string): Written => ({
    ...{ raw: {}, source: path, locate: () => undefined },
    problems: [
      {
        ...{ source: path, key: '(file)', found, severity: 'error', at: undefined },
        expected: 'a configuration (docs/capture.md); name another file with --conf',
      },
    ],
  });
  let content: string;
  try {
    content = await readFile(path);
  } catch (error) {
    return broken(
      isNotFound(error) ? 'nothing' : `a file that cannot be read (${codeOf(error) ?? 'unknown'})`,
    );
  }
  const { documents, problems } = readStructured(content, { path });
  const [document, second] = documents;
  if (problems.length > 0) return { raw: {}, source: path, locate: () => undefined, problems };
  if (document === undefined) return broken('an empty file');
  if (second !== undefined) return broken(`${documents.length} documents`);
  return { raw: document.value, source: path, locate: document.locate, problems: [] };
}
