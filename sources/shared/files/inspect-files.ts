import { accessSync, constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain, type Finding, findingOf } from '#source';
import { StateFile } from './state-file.ts';

type Severity = Finding['severity'];

/** Files that are to be read and cannot be. `optionOf`: which option names the file with this number. */
export async function inspectFiles(
  files: readonly string[],
  optionOf: (index: number) => string,
  terms: { readonly severity: Severity; readonly expected: string },
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [index, file] of files.entries())
    try {
      await access(file, constants.R_OK);
      await stat(file);
    } catch (error) {
      const found = `${file}, which cannot be read: ${explain(error)}`;
      findings.push({ option: optionOf(index), found, ...terms });
    }
  return findings;
}

/** Of `state_file`: one that is there must be ours. Empty: there is none. */
export async function inspectStateFile(file: string): Promise<readonly Finding[]> {
  if (file === '') return [];
  try {
    await new StateFile(file).read();
    await access(path.dirname(path.resolve(file)), constants.W_OK);
    return [];
  } catch (error) {
    return [findingOf(error, 'state_file')];
  }
}

/** Whether a program can be started: by its path, or as it is found in `PATH`. */
export function isProgram(program: string, searched: string): boolean {
  const places = program.includes('/')
    ? [program]
    : searched.split(path.delimiter).map((folder) => path.join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
