/** Where a text stops being JSON, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const token =
  /[ \t\n\r]+|[{}[\],:]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** What may come next. */
type Expecting = 'value' | 'first-value' | 'first-key' | 'key' | 'colon' | 'comma' | 'end';

/**
 * Finds the first place where a text is not JSON; undefined: it is. JSON.parse knows only that, and its message
 * quotes the text around the place, which may be a password.
 */
export function findSyntaxError(text: string): Position | undefined {
  const open: ('{' | '[')[] = [];
  const after = (): Expecting => (open.length === 0 ? 'end' : 'comma');
  let expecting: Expecting = 'value';
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) return positionOf(text, at);
    if (/^[ \t\n\r]/.test(found)) {
      at += found.length;
      continue;
    }
    const next = step(found, expecting, open);
    if (next === undefined) return positionOf(text, at);
    expecting = next === 'done' ? after() : next;
    at += found.length;
  }
  return expecting === 'end' ? undefined : positionOf(text, text.length);
}

/** The state after a token; `done`: a value is complete; undefined: the token may not stand here. */
function step(
  found: string,
  expecting: Expecting,
  open: ('{' | '[')[],
): Expecting | 'done' | undefined {
  const isValue = expecting === 'value' || expecting === 'first-value';
  switch (found) {
    case '{':
    case '[':
      if (!isValue) return undefined;
      open.push(found);
      return found === '{' ? 'first-key' : 'first-value';
    case '}':
    case ']': {
      const isEmpty = expecting === (found === '}' ? 'first-key' : 'first-value');
      if (!isEmpty && expecting !== 'comma') return undefined;
      return open.pop() === (found === '}' ? '{' : '[') ? 'done' : undefined;
    }
    case ',':
      if (expecting !== 'comma') return undefined;
      return open.at(-1) === '{' ? 'key' : 'value';
    case ':':
      return expecting === 'colon' ? 'value' : undefined;
    default:
      if (expecting === 'key' || expecting === 'first-key')
        return found.startsWith('"') ? 'colon' : undefined;
      return isValue ? 'done' : undefined;
  }
}

function positionOf(text: string, at: number): Position {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
