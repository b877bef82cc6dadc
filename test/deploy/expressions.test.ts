/** Alerts and dashboards ask for metrics, labels and values that are declared, and for no others. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deployFiles } from '../../scripts/deploy-files.ts';
import { panelExpressions } from './dashboards.ts';
import { mistakesOf } from './mistakes.ts';
import { withoutVariables } from './promql.ts';
import { readAlerts } from './rules.ts';

describe('the check itself', () => {
  it.each([
    ['sluice_redis_upp == 0', 'no metric sluice_redis_upp'],
    ['sum(sluice_records_total{rout="x"})', 'no label rout of sluice_records_total'],
    [
      'rate(sluice_records_total{outcome="lost"}[5m])',
      'no value lost of outcome of sluice_records_total',
    ],
    ['tyk_latency{type="total"}', 'no metric tyk_latency'],
    ['max by (path) (sluice_route_up)', 'grouped by no label path'],
    ['vector(1)', 'no series'],
  ])('finds what is wrong with %s', (expr, mistake) => {
    expect(mistakesOf(expr)).toEqual([mistake]);
  });

  it('finds what is no PromQL', () => {
    expect(mistakesOf('sum by route (sluice_route_up)')).not.toEqual([]);
  });
});

describe('alerts', () => {
  it.each(readAlerts())('$alert asks for what is declared', ({ expr }) => {
    expect(mistakesOf(expr)).toEqual([]);
  });
});

describe.each(Object.entries(deployFiles()))('%s', (path, text) => {
  it('is what the declarations say (npm run deploy-files writes it)', () => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  });
});

describe('dashboards', () => {
  it.each(panelExpressions())('$panel asks for what is declared: $expr', ({ expr }) => {
    expect(mistakesOf(withoutVariables(expr))).toEqual([]);
  });
});
