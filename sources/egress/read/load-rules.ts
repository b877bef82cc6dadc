import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain, type PlacedProblem, problemLines, StartError } from '#source';
import type { Rules } from '../rules/model.ts';
import type { RulesFile } from './documents.ts';
import { readRules } from './rules.ts';
import type { Pems } from './traffic-policy.ts';

export interface LoadedRules {
  readonly rules: Rules;
  /** What is ignored of the files, in lines. */
  readonly warnings: readonly string[];
  /** Every file that was read, those that the rules name among them: a change of any of them matters. */
  readonly files: readonly string[];
}

/** Reads files, and those of folders (`.yaml`, `.yml`, `.json`). Rejects with all that is wrong with them. */
export async function loadRules(paths: readonly string[]): Promise<LoadedRules> {
  const { rules, problems, files } = await readFiles(paths);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new StartError(`The entries are wrong:\n${linesOf(errors).join('\n')}`);
  return { rules, warnings: problems.map(lineOf), files };
}

/** What is wrong with them, and what of them is ignored, each with its place. Rejects where one cannot be read. */
export const inspectRules = async (paths: readonly string[]): Promise<readonly PlacedProblem[]> =>
  (await readFiles(paths)).problems;

async function readFiles(paths: readonly string[]) {
  const found = (await Promise.all(paths.map(filesOf))).flat();
  if (found.length === 0)
    throw new StartError(`entries: there is no .yaml, .yml or .json file in ${paths.join(', ')}`);
  const files = await Promise.all(found.map(rulesFile));
  const named = new Set<string>();
  const { rules, problems } = readRules(files, (file) => pemsBeside(file, named));
  return { rules, problems, files: [...paths, ...found, ...named] };
}

const lineOf = (problem: PlacedProblem): string => problemLines(problem)[0] ?? '';
const linesOf = (problems: readonly PlacedProblem[]): readonly string[] =>
  problems.flatMap(problemLines);

async function filesOf(given: string): Promise<readonly string[]> {
  const found = await stat(given).catch((error: unknown) => {
    throw new StartError(`entries: ${given} cannot be read: ${explain(error)}`);
  });
  if (!found.isDirectory()) return [given];
  const names = (await readdir(given)).filter((name) => /^[^.].*\.(?:ya?ml|json)$/i.test(name));
  return names.sort().map((name) => path.join(given, name));
}

async function rulesFile(file: string): Promise<RulesFile> {
  try {
    return { path: file, text: await readFile(file, 'utf8') };
  } catch (error) {
    throw new StartError(`entries: ${file} cannot be read: ${explain(error)}`);
  }
}

/** Files in PEM, relative to the file that names them. */
function pemsBeside(file: string, named: Set<string>): Pems {
  return {
    read(written, what) {
      const whole = path.resolve(path.dirname(file), written);
      named.add(whole);
      let pem: string;
      try {
        pem = readFileSync(whole, 'utf8');
      } catch (error) {
        return { problem: `the file cannot be read: ${explain(error)}` };
      }
      try {
        if (what === 'key') createPrivateKey(pem);
        else new X509Certificate(pem);
      } catch {
        return { problem: `the file has no ${what} in PEM, without a passphrase` };
      }
      return { pem };
    },
    isPair: (certificate, key) =>
      new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)),
  };
}
