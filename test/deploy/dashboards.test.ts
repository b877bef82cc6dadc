import { describe, expect, it } from 'vitest';
import { readDashboards } from './dashboards.ts';
import { declaredSeries } from './declared.ts';

const declared = declaredSeries();

describe.each(readDashboards())('deploy/grafana/$file', ({ panels, templating }) => {
  const shown = panels.filter(({ type }) => type !== 'row');

  it('lets the operator choose the data source, and uses no other', () => {
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    for (const { datasource } of shown) expect(datasource?.uid).toBe('${datasource}');
  });

  it('has variables of series that are declared, and uses each that it has and no other', () => {
    const names = templating.list.map(({ name }) => name);
    for (const { query } of templating.list.slice(1)) {
      const text = typeof query === 'string' ? query : query.query;
      const [, metric = '', label = ''] =
        /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(text) ?? [];
      expect([...(declared.get(metric)?.labels ?? []), 'job']).toContain(label);
    }
    const used = [...JSON.stringify(shown).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(names));
  });

  it('explains every panel', () => {
    for (const { description = '' } of shown) expect(description).toMatch(/^.{10,}\.$/);
  });

  it('has panels side by side, none over another', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          expect(taken.get(`${column},${line}`), title).toBeUndefined();
          taken.set(`${column},${line}`, title);
        }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
