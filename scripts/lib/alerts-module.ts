import { parse } from 'yaml';

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: {
        readonly summary: string;
        readonly description: string;
        readonly runbook_url: string;
      };
    }[];
  }[];
}

/** What `sluice explain` says of the alerts, as a module: the program reads no YAML. */
export function alertsModule(rules: string): string {
  const alerts = (parse(rules) as Rules).groups
    .flatMap((group) => group.rules)
    .map(({ alert: name, expr, labels: { severity }, annotations }) =>
      JSON.stringify({
        ...{ name, severity, summary: annotations.summary, description: annotations.description },
        ...{ expr: expr.trim(), runbook: annotations.runbook_url },
      }),
    );
  return [
    '// biome-ignore-all format: written by `npm run deploy-files`, of deploy/prometheus/sluice.rules.yaml',
    '// biome-ignore-all lint: as above',
    '/** The alerts that come with Sluice. */',
    'export const alerts = [',
    ...alerts.map((alert) => `  ${alert},`),
    '];',
    '',
  ].join('\n');
}
