import { type AnalyticsRecord, flagReader } from '#pump';

export interface PathRules {
  readonly trackAll: boolean;
  readonly templates: readonly string[];
  readonly foldsIds: boolean;
}

/** Paths repeat; so many of them are looked up instead of matched. */
const remembered = 10_000;

/** What the label `path` shows. */
export interface PathLabel {
  /** Whether that depends on the record's path; otherwise it is `unknownPath`. */
  readonly isShown: (record: AnalyticsRecord) => boolean;
  /** The path, or the pattern it fits. */
  readonly shown: (path: string) => string;
}

export const unknownPath = 'unknown';

export const createPathLabel = (rules: PathRules): PathLabel => ({
  isShown: rules.trackAll ? () => true : flagReader('track_path'),
  shown: createFolding(rules),
});

/** A path as its pattern, else with its ids folded, else as it is. */
export function createFolding({
  templates,
  foldsIds,
}: Omit<PathRules, 'trackAll'>): (path: string) => string {
  if (templates.length === 0 && !foldsIds) return (path) => path;
  const patterns = templates.map(patternOf);
  const known = new Map<string, string>();
  return (path) => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const shown =
      patterns.find((pattern) => pattern.fits(path))?.template ??
      (foldsIds ? path.split('/').map(foldSegment).join('/') : path);
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
