/** Writes what `deploy/` takes from declarations: `npm run deploy-files`. A test says when they differ. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { apiDashboard } from './lib/dashboards/api.ts';
import { dashboardJson } from './lib/dashboards/grafana.ts';
import { pumpDashboard } from './lib/dashboards/pump.ts';

const root = new URL('..', import.meta.url);

/** The files by their paths. */
export function deployFiles(): Readonly<Record<string, string>> {
  return {
    'deploy/grafana/sluice-pump.json': dashboardJson(pumpDashboard),
    'deploy/grafana/sluice-api-traffic.json': dashboardJson(apiDashboard),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, text] of Object.entries(deployFiles()))
    writeFileSync(new URL(path, root), text);
