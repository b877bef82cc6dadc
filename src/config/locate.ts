import type { JsonNode, Position } from './json-text.ts';

/** Where something stands in a file, and what stands in that line before and from there on, without its texts. */
export interface Located extends Position {
  readonly before: string;
  readonly after: string;
}

/** The place of a key, as problems write it: `pumps.x.meta.tags[0]`. Of one that is not there, what it is missing in. */
export type Locate = (key: string) => Located | undefined;

export const locator =
  (text: string, root: JsonNode): Locate =>
  (key) => {
    const place = find(root, key, undefined);
    return place && locatedAt(text, place);
  };

export function locatedAt(text: string, { line, column }: Position): Located {
  const whole = text.split('\n')[line - 1] ?? '';
  const before = hidden(whole.slice(0, column - 1));
  return { line, column, before, after: hidden(whole.slice(column - 1)) };
}

/** The deepest place on the way that there is. */
function find(node: JsonNode, key: string, from: Position | undefined): Position | undefined {
  if (key === '') return from;
  if (node.kind === 'list') {
    const [whole = '', index = ''] = /^\[(\d{1,9})\]\.?/.exec(key) ?? [];
    const element = node.elements[Number(index)];
    if (whole === '' || element === undefined) return from;
    return find(element, key.slice(whole.length), node.places[Number(index)]);
  }
  if (node.kind === 'plain') return from;
  // Names may hold dots themselves: the longest that fits is meant. Of one that stands twice the last one counts.
  const begins = node.members.filter((member) => isAtBegin(member.key, key));
  const longest = Math.max(...begins.map((member) => member.key.length));
  const found = begins.findLast((member) => member.key.length === longest);
  if (found === undefined) return from;
  return find(found.node, key.slice(longest).replace(/^\./, ''), found);
}

const isAtBegin = (name: string, key: string): boolean =>
  key.toLowerCase().startsWith(name.toLowerCase()) && /^(?:$|[.[])/.test(key.slice(name.length));

/** A line may hold a password, as a text, a number or a word without quotes: of what is in it the keys stay. */
const hidden = (line: string): string =>
  line
    .replace(/\r$/, '')
    .replace(
      /("(?:[^"\\]|\\.)*(?:"|$))(\s*:)?|[^\s[\]{},:"]+/g,
      (written, quoted?: string, colon?: string) => {
        if (colon !== undefined || /^(?:true|false|null)$/.test(written)) return written;
        return quoted === undefined ? '…' : '"…"';
      },
    );
