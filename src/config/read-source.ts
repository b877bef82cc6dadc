import { codeOf, isNotFound, type ReadFile } from './files.ts';
import { mergeJson, repeatProblems } from './json-merge.ts';
import { readJson } from './json-text.ts';
import { type Locate, locatedAt, locator } from './locate.ts';
import type { Environment } from './options/environment.ts';
import { findPumps } from './tyk/discovery.ts';
import type { Findings } from './tyk/findings.ts';
import { namesRedisIn, storagePrefixes } from './tyk/storage-layers.ts';

export interface SourceInput {
  readonly path: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
}

const omitVariable = 'TYK_PMP_OMITCONFIGFILE';

export interface WrittenFile {
  /** The JSON value; `{}` when there is no file, or it is not to be read. */
  readonly raw: unknown;
  /** Then the environment says everything. */
  readonly isLeftOut: boolean;
  /** It cannot be read, which has been said. */
  readonly isBroken: boolean;
  /** Where a key stands in it. */
  readonly locate: Locate;
}

const nothing = { raw: {}, isLeftOut: false, isBroken: false, locate: () => undefined };
const leftOut: WrittenFile = { ...nothing, isLeftOut: true };

/** Reads the configuration file. */
export async function readSource(input: SourceInput, findings: Findings): Promise<WrittenFile> {
  const { path, env, readFile } = input;
  if (isOmitted(env, findings)) return leftOut;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    // Tyk Pump goes on without a file, so an environment that says enough must do here, too. The Redis is part of it: the
    // default would be one that nobody named.
    const isEnough =
      isNotFound(error) && findPumps({}, path, env).pumps.length > 0 && namesRedisIn(env);
    findings.problems.push({
      source: path,
      key: '(file)',
      found: isNotFound(error)
        ? 'nothing'
        : `a file that cannot be read (${codeOf(error) ?? 'unknown error'})`,
      expected: isEnough
        ? `a file, or ${omitVariable}=true where the environment says everything`
        : `a JSON file; name another with --conf, or name pumps (TYK_PMP_PUMPS_<NAME>_<OPTION>) and a Redis (${storagePrefixes[0]}_HOST and _PORT) in the environment`,
      severity: isEnough ? 'warning' : 'error',
    });
    return isEnough ? leftOut : { ...nothing, isBroken: true };
  }
  return parse(text.replace(/^\uFEFF/, ''), path, findings);
}

function isOmitted(env: Environment, findings: Findings): boolean {
  const said = (env[omitVariable] ?? '').toLowerCase();
  if (said === 'true') return true;
  // Go reads `1` and `t` as true, and Tyk Pump reads the file all the same.
  const isReadable = ['1', 't'].includes(said);
  if (!['', 'false', 'f', '0'].includes(said))
    findings.problems.push({
      source: 'environment',
      key: omitVariable,
      found: 'text',
      expected: '"true" or "false"; only "true" omits the file (as in Tyk Pump)',
      severity: isReadable ? 'warning' : 'error',
    });
  return false;
}

function parse(text: string, path: string, findings: Findings): WrittenFile {
  const reading = readJson(text);
  if (reading.ok) {
    const { value, repeats } = mergeJson(reading.node);
    findings.problems.push(...repeatProblems(repeats, { source: path, at: '' }));
    return { ...nothing, raw: value, locate: locator(text, reading.node) };
  }
  const { line, column, found, expected } = reading.problem;
  findings.problems.push(
    text.trim() === ''
      ? { source: path, key: '(file)', found: 'an empty file', expected: 'JSON', severity: 'error' }
      : { source: path, key: `line ${line}, column ${column}`, found, expected, severity: 'error' },
  );
  const broken = text.trim() === '' ? undefined : locatedAt(text, { line, column });
  return { ...nothing, isBroken: true, locate: () => broken };
}
