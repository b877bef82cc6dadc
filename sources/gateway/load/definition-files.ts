import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { explain, type PlacedProblem, readStructured } from '#source';
import type { Api } from '../definition/api.ts';
import { readDefinition } from '../definition/read-definition.ts';
import { type Reading, report } from '../definition/read-section.ts';
import type { DefinitionDefaults } from '../definition/target.ts';

/** What became of one file of the folder. */
export interface DefinitionFile {
  readonly path: string;
  /** Undefined: refused, or it says itself that it is not served. */
  readonly api: Api | undefined;
  readonly isInactive: boolean;
  readonly problems: readonly PlacedProblem[];
}

/** Reads all of a folder, in the order of their names. Rejects where the folder cannot be read. */
export async function readDefinitionFiles(
  folder: string,
  defaults: DefinitionDefaults & { readonly hasSessions: boolean },
): Promise<readonly DefinitionFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map((name) => readOne(path.join(folder, name), defaults)));
}

async function readOne(
  file: string,
  defaults: DefinitionDefaults & { readonly hasSessions: boolean },
): Promise<DefinitionFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return unread(file, [
      {
        ...{ source: file, key: '(file)', expected: 'a file that can be read', at: undefined },
        found: explain(error),
        severity: 'error',
      },
    ]);
  }
  const { documents, problems } = readStructured(text, { path: file });
  const [document] = documents;
  if (document === undefined) return unread(file, problems);
  const reading: Reading = { path: file, document, problems: [...problems] };
  const api = readDefinition(reading, defaults);
  if (api === 'inactive')
    return { path: file, api: undefined, isInactive: true, problems: reading.problems };
  if (api?.auth.kind === 'key' && !defaults.hasSessions) {
    report(reading, 'use_keyless', {
      found: 'an API whose clients need keys, and no Redis to look them up in',
      expected: '"storage" with the gateway’s Redis',
    });
    return unread(file, reading.problems);
  }
  return { path: file, api, isInactive: false, problems: reading.problems };
}

const unread = (file: string, problems: readonly PlacedProblem[]): DefinitionFile => ({
  ...{ path: file, api: undefined, isInactive: false, problems },
});
