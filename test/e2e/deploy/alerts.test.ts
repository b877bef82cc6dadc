/** deploy/prometheus by Prometheus's own tool: each alert fires, and is silent. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAlerts, rulesFolder } from '../../deploy/rules.ts';
import { scratchFolder, whyUnavailable } from '../../services/process.ts';
import { needPrometheus, testRules } from '../../services/prometheus.ts';

const obstacle = await whyUnavailable(needPrometheus);
const folder = fileURLToPath(rulesFolder);

it('promtool is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('by promtool', () => {
  it('every alert fires when it should, and only then', async () => {
    const { ok, said } = await testRules(path.join(folder, 'sluice.rules.test.yaml'));

    expect(said).toContain('SUCCESS');
    expect(ok, said).toBe(true);
  });

  it('an alert that asks for something else fails its test', async () => {
    const broken = await scratchFolder('rules');
    const tests = await readFile(path.join(folder, 'sluice.rules.test.yaml'));
    await writeFile(path.join(broken, 'sluice.rules.test.yaml'), tests);
    const rules = await readFile(path.join(folder, 'sluice.rules.yaml'), 'utf8');
    for (const { alert, expr } of readAlerts().slice(1, 4)) {
      const [metric = ''] = /sluice_\w+/.exec(expr) ?? [];
      const other = rules.replace(metric, `${metric}_other`);
      await writeFile(path.join(broken, 'sluice.rules.yaml'), other);
      const { ok, said } = await testRules(path.join(broken, 'sluice.rules.test.yaml'));

      expect(ok).toBe(false);
      expect(said).toContain(alert);
    }
  });
});
