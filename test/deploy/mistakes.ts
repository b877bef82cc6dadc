import { declaredSeries, targetLabels } from './declared.ts';
import { readExpression } from './promql.ts';

const declared = declaredSeries();
/** Labels that an expression makes itself. */
const made = ['class'];

/** What is wrong with an expression, in words: no PromQL, or a metric, label or value that nobody declares. */
export function mistakesOf(expr: string): readonly string[] {
  const { selectors, grouped, mistakes } = readExpression(expr);
  const labels = selectors.flatMap(({ metric }) => declared.get(metric)?.labels ?? []);
  const known = new Set([...targetLabels, ...labels, ...made]);
  return [
    ...mistakes,
    ...(selectors.length === 0 ? ['no series'] : []),
    ...selectors.flatMap(({ metric, labels: compared }) => {
      const series = declared.get(metric);
      if (series === undefined) return [`no metric ${metric}`];
      return compared.flatMap(({ label, operator, value }) => {
        if (![...targetLabels, ...series.labels].includes(label))
          return [`no label ${label} of ${metric}`];
        const values = series.values[label] ?? [];
        const isExact = operator === '=' || operator === '!=';
        return isExact && values.length > 0 && !values.includes(value)
          ? [`no value ${value} of ${label} of ${metric}`]
          : [];
      });
    }),
    ...grouped.filter((label) => !known.has(label)).map((label) => `grouped by no label ${label}`),
  ];
}
