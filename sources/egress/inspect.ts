import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { explain, type Finding, findingOf } from '#source';
import type { Options } from './options.ts';
import { inspectRules } from './read/load-rules.ts';

/** What a start would find wrong with the files that the options name. Never rejects. */
export async function inspectEgress({
  entries,
  audit_log: log,
}: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    findings.push(...(await inspectRules(entries)));
  } catch (error) {
    findings.push(findingOf(error, 'entries'));
  }
  if (log !== '') findings.push(...(await auditFindings(log)));
  return findings;
}

/** Without opening it: an inspection makes no file. */
async function auditFindings(log: string): Promise<readonly Finding[]> {
  const isThere = await access(log).then(
    () => true,
    () => false,
  );
  try {
    await access(isThere ? log : path.dirname(path.resolve(log)), constants.W_OK);
    return [];
  } catch (error) {
    const found = `${log}, which cannot be written: ${explain(error)}`;
    return [
      { option: 'audit_log', found, expected: 'a file that can be written', severity: 'error' },
    ];
  }
}
