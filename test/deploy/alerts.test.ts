/** The alerts of deploy/prometheus, as far as their texts go; test/e2e/deploy has promtool and a real Prometheus. */
import { describe, expect, it } from 'vitest';
import { readPage, sectionsOf } from '../pages.ts';
import { readExpression } from './promql.ts';
import { readAlerts, readRuleTests } from './rules.ts';

const runbook = 'docs/runbook.md';
const alerts = readAlerts();
const tests = new Map(readRuleTests().map((test) => [test.name, test]));

describe.each(alerts)('the alert $alert', ({ alert, expr, labels, annotations }) => {
  it('says how urgent it is, what it means and what to do', () => {
    expect(['critical', 'warning']).toContain(labels['severity']);
    expect(annotations.summary).toMatch(/^.{10,90}\.$/);
    // Not a repetition of the summary: at least two sentences.
    expect(annotations.description).toMatch(/[.:;] .*\.$/s);
    expect(annotations.description.length).toBeGreaterThan(100);
  });

  it('points to its section of the runbook', () => {
    expect(annotations.runbook_url).toBe(`${runbook}#${alert.toLowerCase()}`);
    expect(sectionsOf(runbook)).toContain(alert.toLowerCase());
  });

  it('is tested by promtool, firing and silent', () => {
    const test = tests.get(alert);
    const samples = test?.promql_expr_test.map(({ exp_samples: expected }) => expected.length);

    expect(test?.promql_expr_test.map((each) => each.expr)).toEqual([
      `ALERTS{alertname="${alert}", alertstate="firing"}`,
      `ALERTS{alertname="${alert}", alertstate="firing"}`,
    ]);
    expect(samples).toEqual([0, 1]);
    // Also beside what fires something of the same kind is silent, but for the one that asks for any series at all.
    if (alert !== 'SluiceAbsent') expect(test?.input_series.length).toBeGreaterThan(1);
  });

  it('speaks of labels that it has', () => {
    const said = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label = '']) => label),
    );
    const [, firing] = tests.get(alert)?.promql_expr_test ?? [];
    const has = firing?.exp_samples[0]?.labels ?? '';

    for (const label of said) expect(has).toContain(`${label}="`);
    expect(has).toContain(`severity="${labels['severity'] ?? ''}"`);
    for (const text of Object.values(annotations))
      expect(text.replaceAll(/\{\{ \$labels\.\w+ \}\}/g, '')).not.toMatch(/[{}$]/);
  });

  it('asks for nothing that a service in good health has not, in the last test', () => {
    const healthy = tests.get('good health')?.input_series.map(({ series }) => series) ?? [];
    for (const { metric } of readExpression(expr).selectors)
      expect(healthy.map((series) => series.split('{')[0])).toContain(metric);
  });
});

it('no test of an alert that there is not', () => {
  const names = alerts.map(({ alert }) => alert);

  expect([...tests.keys()]).toEqual([...names, 'good health']);
  expect(new Set(names).size).toBe(names.length);
});

describe(runbook, () => {
  const sections = readPage(runbook)
    .split(/^(?=##+ )/m)
    .filter((section) => section.startsWith('### '))
    .map((section) => ({ name: /^### (.*)/.exec(section)?.[1] ?? '', section }));

  it('has a section for each alert, in the same order, and for no other', () => {
    expect(sections.map(({ name }) => name)).toEqual(alerts.map(({ alert }) => alert));
  });

  it.each(sections)(
    '$name says what it means and does, how to look, what to do, and when to call others',
    ({ section }) => {
      const said = [...section.matchAll(/^\*\*(\w+)\*\*/gm)].map(([, word]) => word);

      expect(said).toEqual(['Means', 'Impact', 'Look', 'Do', 'Escalate']);
    },
  );
});
