import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { aBatch } from '#pump/testing';
import { Counting } from './counting.ts';
import { baseMetrics } from './definitions.ts';
import type { Format } from './exposition.ts';
import { aCustomMetric, anOptions, linesOf } from './testing.ts';

const disabled_metrics = baseMetrics.map(({ name }) => name);

function pageOf(format: Format, ...custom_metrics: readonly object[]): readonly string[] {
  const metrics = custom_metrics.map((metric) => aCustomMetric(metric));
  const counting = new Counting(anOptions({ disabled_metrics, custom_metrics: metrics }));
  counting.add(aBatch(1, { api_id: 'a "b"\\c\nd' }), millis(0));
  return linesOf(counting, format).filter((line) => !line.includes('sluice_'));
}

describe('the text format', () => {
  it('has families in the order of their names, with help and type', () => {
    const page = pageOf('text', { name: 'zebra', help: 'one\ntwo \\' }, { name: 'ant', help: '' });

    expect(page).toEqual([
      '# HELP ant ',
      '# TYPE ant counter',
      'ant 1',
      '# HELP zebra one\\ntwo \\\\',
      '# TYPE zebra counter',
      'zebra 1',
    ]);
  });

  it('escapes label values', () => {
    expect(pageOf('text', { labels: ['api'] }).at(-1)).toBe('custom{api="a \\"b\\"\\\\c\\nd"} 1');
  });

  it('leaves out metrics that have counted nothing', () => {
    expect(pageOf('text', { mcp_only: true })).toEqual([]);
  });
});

describe('OpenMetrics', () => {
  it('keeps the name of a counter that lacks the suffix, and ends with a mark', () => {
    expect(pageOf('openmetrics', { name: 'tyk_calls' })).toEqual([
      '# HELP tyk_calls Custom.',
      '# TYPE tyk_calls unknown',
      'tyk_calls 1',
      '# EOF',
    ]);
  });

  it('names the family of a counter without its suffix', () => {
    expect(pageOf('openmetrics', { name: 'calls_total', help: 'A "call".' })).toEqual([
      '# HELP calls A \\"call\\".',
      '# TYPE calls counter',
      'calls_total 1',
      '# EOF',
    ]);
  });

  it('never names two families alike', () => {
    const types = pageOf('openmetrics', { name: 'calls_total' }, { name: 'calls' });

    expect(types.filter((line) => line.startsWith('# TYPE'))).toEqual([
      '# TYPE calls unknown',
      '# TYPE calls_total unknown',
    ]);
  });
});

it('writes a large page in pieces', () => {
  const counting = new Counting(anOptions());
  counting.add(
    aBatch(500, (at) => ({ api_id: `api-${at}` })),
    millis(0),
  );

  expect(linesOf(counting, 'text').length).toBeGreaterThan(40_000);
});
