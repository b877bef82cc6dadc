import { RE2JS } from 're2js';

/** What a definition says of one endpoint. */
export interface EndpointRule {
  readonly path: string;
  /** Empty: any. */
  readonly method: string;
}

export interface EndpointFacts {
  /** The pattern that the record shows as its path. */
  readonly trackedPath: string | undefined;
  readonly isRecorded: boolean;
  /** Milliseconds. */
  readonly timeout: number | undefined;
}

export interface EndpointTable {
  /** The first rule of each kind that fits counts. Both paths are tried, as the gateway does. */
  lookUp(method: string, path: string, strippedPath: string): EndpointFacts;
}

export interface EndpointRules {
  readonly tracked: readonly EndpointRule[];
  readonly untracked: readonly EndpointRule[];
  readonly timeouts: readonly (EndpointRule & { readonly timeout: number })[];
  readonly ignoresCase: boolean;
}

/** Throws where a path is no regular expression of RE2, as the gateway's are; `isPattern` tells before. */
export function endpointTable(rules: EndpointRules): EndpointTable | undefined {
  const { tracked, untracked, timeouts, ignoresCase } = rules;
  if (tracked.length + untracked.length + timeouts.length === 0) return undefined;
  const compiled = <R extends EndpointRule>(list: readonly R[]) =>
    list.map((rule) => ({ rule, pattern: patternOf(rule.path, ignoresCase) }));
  const lists = {
    tracked: compiled(tracked),
    untracked: compiled(untracked),
    timeouts: compiled(timeouts),
  };
  return {
    lookUp(method, path, strippedPath) {
      const first = <R extends EndpointRule>(
        list: readonly { readonly rule: R; readonly pattern: RE2JS }[],
      ): R | undefined =>
        list.find(
          ({ rule, pattern }) =>
            (rule.method === '' || rule.method === method) &&
            (pattern.matcher(strippedPath).find() || pattern.matcher(path).find()),
        )?.rule;
      return {
        trackedPath: first(lists.tracked)?.path,
        isRecorded: first(lists.untracked) === undefined,
        timeout: first(lists.timeouts)?.timeout,
      };
    },
  };
}

export function isPattern(path: string): boolean {
  try {
    patternOf(path, false);
    return true;
  } catch {
    return false;
  }
}

/** A pattern fits anywhere in a path, and takes linear time whatever both are. */
const patternOf = (path: string, ignoresCase: boolean): RE2JS =>
  RE2JS.compile(path.replace(/\{[^/{}]*\}/g, '[^/]+'), ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
