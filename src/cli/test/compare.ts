import { isObject } from '../../config/options/json.ts';
import type { Preview } from '../../operate/preview.ts';
import type { Expected } from './test-file.ts';

/** What is otherwise than expected, a line each. */
export function compare({ records, shows }: Preview, { match, documents }: Expected) {
  const sent = records.filter(({ outcome }) => outcome === 'sent');
  const what = shows.slice(0, -1);
  const lines: string[] = [];
  if (sent.length !== documents.length)
    lines.push(
      `${documents.length} ${documents.length === 1 ? what : shows} expected, ${sent.length} would be sent`,
    );
  for (const [at, expected] of documents.entries()) {
    const found = sent[at];
    if (found === undefined) continue;
    for (const line of differences(expected, found.document, { match, at: '' }))
      lines.push(`${what} ${at} (of record ${found.record}): ${line}`);
  }
  return lines;
}

interface Way {
  readonly match: Expected['match'];
  readonly at: string;
}

function* differences(expected: unknown, found: unknown, way: Way): Generator<string> {
  const { match, at } = way;
  if (isObject(expected) && isObject(found)) {
    for (const key of Object.keys(expected)) {
      const inner = { match, at: at === '' ? key : `${at}.${key}` };
      if (Object.hasOwn(found, key)) yield* differences(expected[key], found[key], inner);
      else yield `${inner.at}: expected ${shown(expected[key])}, there is nothing`;
    }
    if (match === 'exact')
      for (const key of Object.keys(found).filter((each) => !Object.hasOwn(expected, each)))
        yield `${at === '' ? key : `${at}.${key}`}: expected nothing, found ${shown(found[key])}`;
    return;
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    for (const [index, each] of expected.entries())
      yield* differences(each, found[index], { match, at: `${at}[${index}]` });
    return;
  }
  if (JSON.stringify(expected) !== JSON.stringify(found))
    yield `${at === '' ? 'the whole' : at}: expected ${shown(expected)}, found ${shown(found)}`;
}

const shown = (value: unknown): string => JSON.stringify(value);
