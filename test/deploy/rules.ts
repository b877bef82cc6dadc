import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
}

interface RuleTest {
  readonly name: string;
  readonly input_series: readonly { readonly series: string }[];
  readonly promql_expr_test: readonly {
    readonly expr: string;
    readonly exp_samples: readonly { readonly labels: string }[];
  }[];
}

export const rulesFolder = new URL('../../deploy/prometheus/', import.meta.url);
const read = (name: string): unknown =>
  parse(readFileSync(new URL(name, rulesFolder), 'utf8')) as unknown;

export function readAlerts(): readonly Alert[] {
  const { groups } = read('sluice.rules.yaml') as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

export const readRuleTests = (): readonly RuleTest[] =>
  (read('sluice.rules.test.yaml') as { readonly tests: readonly RuleTest[] }).tests;
