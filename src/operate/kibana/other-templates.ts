import { memberOf } from './server.ts';

/** A template of somebody else that is for indices of ours. */
export interface OtherTemplate {
  readonly kind: 'index template' | 'legacy template';
  readonly name: string;
  readonly patterns: readonly string[];
  readonly priority: number;
}

/** Those among a server's answers to `GET /_index_template` and `GET /_template` that have a pattern for one of the indices. */
export function otherTemplates(
  { composable, legacy }: { readonly composable: unknown; readonly legacy: unknown },
  { own, samples }: { readonly own: string; readonly samples: readonly string[] },
): readonly OtherTemplate[] {
  const list = memberOf(composable, 'index_templates');
  const found: OtherTemplate[] = [
    ...(Array.isArray(list) ? list : []).map((each): OtherTemplate => {
      const body = memberOf(each, 'index_template');
      return {
        kind: 'index template',
        name: String(memberOf(each, 'name')),
        patterns: textsOf(memberOf(body, 'index_patterns')),
        priority: Number(memberOf(body, 'priority') ?? 0),
      };
    }),
    ...Object.entries(typeof legacy === 'object' && legacy !== null ? legacy : {}).map(
      ([name, body]): OtherTemplate => ({
        kind: 'legacy template',
        name,
        patterns: textsOf(memberOf(body, 'index_patterns')),
        priority: Number(memberOf(body, 'order') ?? 0),
      }),
    ),
  ];
  return found.filter(
    ({ name, kind, patterns }) =>
      !(kind === 'index template' && name === own) &&
      patterns.some((pattern) => samples.some((sample) => matches(pattern, sample))),
  );
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string');

/** As the server compares: `*` stands for anything. Without going back and forth, for patterns are of somebody else. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
