/** How paths that differ in an id alone become one. */
export interface PathTemplates {
  /** Segments in braces stand for any one, a last `*` for all that follow. The first that fits counts. */
  readonly templates: readonly string[];
  /** Whether numbers, UUIDs and other long ids become `{number}`, `{uuid}` and `{id}` in what fits none. */
  readonly foldsIds: boolean;
}

/** Paths repeat; so many of them are looked up instead of matched. */
const remembered = 10_000;
/** Longer ones hardly repeat. */
const longestRemembered = 1024;

/** A path as its pattern, else with its ids folded, else as it is. */
export function pathTemplate({ templates, foldsIds }: PathTemplates): (path: string) => string {
  if (templates.length === 0 && !foldsIds) return (path) => path;
  const patterns = templates.map(patternOf);
  const known = new Map<string, string>();
  return (path) => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const shown =
      patterns.find((pattern) => pattern.fits(path))?.template ??
      (foldsIds ? path.split('/').map(foldSegment).join('/') : path);
    if (path.length > longestRemembered) return shown;
    if (known.size >= remembered) known.clear();
    known.set(path, shown);
    return shown;
  };
}

interface Pattern {
  readonly template: string;
  readonly fits: (path: string) => boolean;
}

function patternOf(template: string): Pattern {
  const segments = template.split('/');
  const isOpen = segments.at(-1) === '*';
  const fixed = isOpen ? segments.slice(0, -1) : segments;
  return {
    template,
    fits(path) {
      const parts = path.split('/');
      if (isOpen ? parts.length <= fixed.length : parts.length !== fixed.length) return false;
      return fixed.every((segment, at) => isPlaceholder(segment) || segment === parts[at]);
    },
  };
}

const isPlaceholder = (segment: string): boolean => /^\{.*\}$/.test(segment);

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Object ids, hashes, ULIDs, tokens: long, without a break, and with a digit, which few words have. */
const longId = /^(?=.*\d)\w{16,}$/;

function foldSegment(segment: string): string {
  if (/^\d+$/.test(segment)) return '{number}';
  if (uuid.test(segment)) return '{uuid}';
  return longId.test(segment) ? '{id}' : segment;
}
