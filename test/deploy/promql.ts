import { parser } from '@prometheus-io/lezer-promql';

/** A selector of series in an expression: its text, its metric, and the labels that it compares. */
export interface Selector {
  readonly text: string;
  readonly metric: string;
  readonly labels: readonly Comparison[];
}

interface Comparison {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** Labels by which it groups or joins. */
  readonly grouped: readonly string[];
  /** What is no PromQL; empty: all is. */
  readonly mistakes: readonly string[];
}

/** By Prometheus's own grammar. Variables of Grafana must have been replaced. */
export function readExpression(text: string): Expression {
  const selectors: (Selector & { labels: Comparison[] })[] = [];
  const grouped: string[] = [];
  const mistakes: string[] = [];
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    text.slice(from, to);
  parser.parse(text).iterate({
    enter(node) {
      const { name, type } = node;
      const ofWhat = node.node.parent?.name;
      if (type.isError) mistakes.push(`${node.from}: ${text.slice(node.from, node.from + 30)}`);
      else if (name === 'VectorSelector')
        selectors.push({ text: textOf(node), metric: '', labels: [] });
      else if (name === 'Identifier' && ofWhat === 'VectorSelector') {
        const last = selectors.pop();
        if (last !== undefined) selectors.push({ ...last, metric: textOf(node) });
      } else if (name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(textOf(node)) ?? [];
        selectors.at(-1)?.labels.push({ label, operator, value });
      } else if (name === 'LabelName' && ofWhat === 'GroupingLabels') grouped.push(textOf(node));
    },
  });
  return { selectors, grouped, mistakes };
}

/** The expression as Grafana would send it, with every value chosen. */
export const withoutVariables = (expr: string): string =>
  expr
    .replaceAll(/\$__(rate_interval|range)/g, '1m')
    // Groups of a regular expression are digits.
    .replaceAll(/\$[a-z]+/g, '.*');
