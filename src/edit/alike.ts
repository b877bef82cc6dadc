import { createHash } from 'node:crypto';
import type { RecordRules } from '../config/record-rules.ts';
import type { Edits } from '../record/edit.ts';

/** Knows which routes of the thread alter records alike, so that what one has made is kept for the others, and only then. */
export class Alike {
  readonly #routes = new Map<string, Set<string>>();

  /** A route that is opened again is the same one. */
  add(rules: string, route: string): void {
    const routes = this.#routes.get(rules);
    if (routes === undefined) this.#routes.set(rules, new Set([route]));
    else routes.add(route);
  }

  /** It has ended. */
  remove(route: string): void {
    for (const [rules, routes] of this.#routes)
      if (routes.delete(route) && routes.size === 0) this.#routes.delete(rules);
  }

  isShared(rules: string): boolean {
    return (this.#routes.get(rules)?.size ?? 0) > 1;
  }
}

/**
 * Equal texts for rules that make the same of every record. Undefined for a sample, which writes into each record how many it
 * stands for. A digest, for there is the key of the hashes in it.
 */
export function likenessOf(
  { redact, enrich, sample, fields }: RecordRules,
  { omitDetailedRecording, ignoreFields }: Pick<Edits, 'omitDetailedRecording' | 'ignoreFields'>,
): string | undefined {
  if (sample !== undefined) return undefined;
  const emptied = ['raw_request', 'raw_response'].filter(
    (name) => omitDetailedRecording || ignoreFields.includes(name),
  );
  const rules = [redact, redact?.hashKey?.reveal(), enrich, emptied, fields?.unknown === true];
  return createHash('sha256').update(JSON.stringify(rules)).digest('base64');
}
