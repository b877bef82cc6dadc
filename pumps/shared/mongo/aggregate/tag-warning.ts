import type { Log } from '#pump';
import type { Bucket, BucketKey } from './bucket.ts';

/** So many prefixes are named. */
const mostPrefixes = 10;

/** Warns of documents with many tags, each of which grows with every new one: `threshold_len_tag_list`. */
export function tagWarning(
  threshold: number,
  log: Log,
): (key: BucketKey, bucket: Pick<Bucket, 'namesOf'>) => void {
  const told = new Set<string>();
  return ({ collection, orgId, start }, bucket) => {
    if (threshold < 0) return;
    const tags = bucket.namesOf('tags');
    if (tags.length <= threshold) return;
    const name = `${collection}\0${start}`;
    if (told.has(name)) return;
    if (told.size > 1_000) told.clear();
    told.add(name);
    log.warn(
      { organisation: orgId, tags: tags.length, prefixes: commonPrefixes(tags) },
      'A document has very many tags. Add prefixes of some to ignore_tag_prefix_list.',
    );
  };
}

/** What tags that stand side by side in their order begin with, the most frequent first: no pair is looked at twice. */
export function commonPrefixes(tags: readonly string[]): readonly string[] {
  const sorted = [...tags].sort();
  const counts = new Map<string, number>();
  for (let at = 1; at < sorted.length; at++) {
    const prefix = common(sorted[at - 1] ?? '', sorted[at] ?? '');
    if (prefix !== '') counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .slice(0, mostPrefixes)
    .map(([prefix]) => prefix);
}

function common(one: string, other: string): string {
  let size = 0;
  while (size < one.length && one[size] === other[size]) size++;
  return one.slice(0, size);
}
