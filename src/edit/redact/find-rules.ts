import { addNamed } from './add-named.ts';
import { escapeJson, unescapeJson } from './json-text.ts';
import { looksLikeJson, type Node, type Paths, walkJson } from './json-walk.ts';
import type { NamedValue } from './named/named-value.ts';
import { parametersIn } from './parameters.ts';
import type { Pass } from './plan.ts';
import { type Span, settle } from './spans.ts';
import { mostDepth, type TextKind } from './text-kind.ts';

/** What an operator's rules name: parameters, fields of forms, paths of JSON. */
export function byRules(text: string, kind: TextKind, pass: Pass, spans: Span[]): void {
  const { plan } = pass;
  if (plan.query.size > 0 || (kind.isForm && plan.forms.size > 0)) {
    const names = kind.isForm ? new Set([...plan.query, ...plan.forms]) : plan.query;
    parametersIn(text, kind.isForm, names, ({ from, to, memberFrom }) =>
      addNamed(
        text,
        { from, to, form: 'text', memberFrom, memberTo: to, separator: '&' },
        kind,
        pass,
        spans,
      ),
    );
  }
  const { paths } = plan;
  if (paths !== undefined && looksLikeJson(text) && mayReach(text, paths))
    byPaths(text, paths, paths.root, pass, kind, spans);
}

/** Whether a name that the paths need is there, as it is or escaped. */
const mayReach = (text: string, { needed }: Paths): boolean =>
  needed === undefined || text.includes('\\') || needed.some((name) => text.includes(name));

/** A bracket, or space before it that may be escaped. */
const mayBegin = (code: number): boolean =>
  code === 0x7b || code === 0x5b || code === 0x5c || code <= 0x20;

function byPaths(
  text: string,
  paths: Paths,
  root: Node,
  pass: Pass,
  kind: TextKind,
  spans: Span[],
): void {
  walkJson(
    text,
    paths,
    root,
    ({ from, to, memberFrom }) => {
      const isText = text[from] === '"';
      const isClosed = isText && to - from > 1 && text[to - 1] === '"';
      const value: NamedValue = {
        from: isText ? from + 1 : from,
        to: isClosed ? to - 1 : to,
        form: isText ? 'text' : 'json',
        memberFrom,
        memberTo: to,
        separator: ',',
      };
      if (value.to > value.from) addNamed(text, value, kind, pass, spans);
    },
    (from, to, node) => {
      if (kind.depth >= mostDepth || !mayBegin(text.charCodeAt(from))) return;
      const decoded = unescapeJson(text, from, to);
      if (!/^\s*[[{]/.test(decoded.text.slice(0, 64))) return;
      const found: Span[] = [];
      byPaths(decoded.text, paths, node, pass, { ...kind, depth: kind.depth + 1 }, found);
      for (const each of settle(decoded.text, found, pass.plan.mark('')))
        spans.push({
          ...each,
          from: decoded.places[each.from] as number,
          to: decoded.places[each.to] as number,
          put: escapeJson(each.put),
          separator: '',
        });
    },
  );
}
