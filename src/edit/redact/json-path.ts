/**
 * Paths to members of JSON: names joined by dots, `*` for any member or entry, `**` for any depth, `[3]` and `[*]` for
 * entries, `["any name"]` for names with signs; `$` for the root may stand in front.
 *
 *   user.password · $.cards[*].number · **.token · items[0]["card-no"]
 */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'any' }
  | { readonly kind: 'deep' };

export type JsonPath = readonly Step[];

export interface PathProblem {
  /** Counted from 0. */
  readonly at: number;
  readonly expected: string;
}

const nameSigns = /[^.[\]"'*\s\\]+/y;

export function parseJsonPath(
  text: string,
): { readonly path: JsonPath } | { readonly problem: PathProblem } {
  const steps: Step[] = [];
  const problem = (at: number, expected: string) => ({ problem: { at, expected } });
  let at = text.startsWith('$') ? 1 : 0;
  if (at === 1 && text.length > 1 && !/[.[]/.test(text[1] ?? ''))
    return problem(1, 'a dot or a bracket');
  let isFirst = at === 0;
  while (at < text.length) {
    const sign = text[at];
    if (sign === '[') {
      const entry = /\[(?:(\d{1,9})|(\*)|"((?:[^"\\]|\\.)*)"|'([^'\\]*)')\]/y;
      entry.lastIndex = at;
      const [whole, index, star, double, single] = entry.exec(text) ?? [];
      if (whole === undefined) return problem(at + 1, 'a number, * or a name in quotes, and ]');
      if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
      else if (star !== undefined) steps.push({ kind: 'any' });
      else
        steps.push({
          kind: 'name',
          name: latin1(single ?? double?.replaceAll(/\\(.)/g, '$1') ?? ''),
        });
      at += whole.length;
      isFirst = false;
      continue;
    }
    if (!isFirst) {
      if (sign !== '.') return problem(at, 'a dot or a bracket');
      at++;
    }
    isFirst = false;
    if (text.startsWith('**', at)) {
      steps.push({ kind: 'deep' });
      at += 2;
    } else if (text[at] === '*') {
      steps.push({ kind: 'any' });
      at++;
    } else {
      nameSigns.lastIndex = at;
      const [name] = nameSigns.exec(text) ?? [];
      if (name === undefined) return problem(at, 'a name, * or **');
      steps.push({ kind: 'name', name: latin1(name) });
      at += name.length;
    }
  }
  const last = steps.at(-1);
  if (last === undefined) return problem(text.length, 'a name');
  if (last.kind === 'deep') return problem(text.length, 'a name behind **');
  return { path: steps };
}

/** As names stand in the texts of this folder. */
const latin1 = (name: string): string => Buffer.from(name).toString('latin1');
