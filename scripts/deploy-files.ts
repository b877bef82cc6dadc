/** Writes what `deploy/` takes from elsewhere: `npm run deploy-files`. A test says when they differ. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { alertsModule } from './lib/alerts-module.ts';
import { chartValuesTable } from './lib/chart-values.ts';
import { apiDashboard } from './lib/dashboards/api.ts';
import { dashboardJson } from './lib/dashboards/grafana.ts';
import { pumpDashboard } from './lib/dashboards/pump.ts';
import { kibanaFiles } from './lib/kibana-files.ts';
import { withTable } from './option-tables.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const chart = 'deploy/helm/sluice';

const dashboards = {
  'sluice-pump.json': dashboardJson(pumpDashboard),
  'sluice-api-traffic.json': dashboardJson(apiDashboard),
};

/** The files by their paths. A chart holds nothing from outside its folder, so it has copies. */
export function deployFiles(): Readonly<Record<string, string>> {
  const below = (folder: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(dashboards).map(([name, text]) => [`${folder}/${name}`, text]),
    );
  const values = chartValuesTable(
    read(`${chart}/values.schema.json`),
    read(`${chart}/values.yaml`),
  );
  const rules = read('deploy/prometheus/sluice.rules.yaml');
  return {
    'src/cli/explain/alerts.ts': alertsModule(rules),
    ...below('deploy/grafana'),
    ...below(`${chart}/files`),
    [`${chart}/files/sluice.rules.yaml`]: rules,
    ...kibanaFiles(),
    [`${chart}/files/pump.json`]: read('config/pump.json'),
    [`${chart}/README.md`]: withTable(read(`${chart}/README.md`), values, 'values'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, text] of Object.entries(deployFiles())) {
    const file = new URL(path, root);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
