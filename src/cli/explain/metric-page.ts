import { type Declared, metricGroups } from '../../app/declared-metrics.ts';
import { alerts } from './alerts.ts';

export interface MetricFacts {
  readonly name: string;
  /** `of a pump`: on a page of its own. */
  readonly type: Declared['type'] | 'of a pump';
  readonly help: string;
  readonly labels: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly alerts: typeof alerts;
}

export const metricNames = (): readonly string[] => declared().map(({ name }) => name);

/** By its name on the page, those of a histogram included. */
export function metricFacts(said: string): MetricFacts | undefined {
  const names = [said, said.replace(/_(?:bucket|sum|count)$/, '')];
  const found = declared().find(({ name }) => names.includes(name));
  const name = found?.name ?? said;
  const isOf = (expr: string): boolean =>
    [...expr.matchAll(/[a-z][a-z_\d]*/g)].some(
      ([each]) => each === name || each.replace(/_(?:bucket|sum|count)$/, '') === name,
    );
  const asking = alerts.filter(({ expr }) => isOf(expr));
  if (found !== undefined)
    return {
      ...{ name, type: found.type, help: found.help, alerts: asking },
      labels: found.labels.map((label) => ({ name: label, values: found.values[label] ?? [] })),
    };
  if (!said.startsWith('sluice_') || asking.length === 0) return undefined;
  const help = 'Counted by a pump on its own page; the README of that says more.';
  return { name, type: 'of a pump', help, labels: [], alerts: asking };
}

const declared = (): readonly Declared[] => Object.values(metricGroups()).flat();

export const metricPage = ({ name, type, help, labels, alerts }: MetricFacts) => [
  `${name} (${type})`,
  `  ${help}`,
  ...labels.map(
    ({ name: label, values }) =>
      `  label:     ${label}${values.length === 0 ? '' : ` (${values.join(', ')})`}`,
  ),
  ...(alerts.length === 0 ? ['  alerts:    none of ours uses it'] : []),
  ...alerts.flatMap(({ name: alert, severity, summary, expr, runbook }) => [
    `  alert:     ${alert} (${severity}): ${summary}`,
    `             ${expr.replaceAll(/\s+/g, ' ')}`,
    `             ${runbook}`,
  ]),
];
