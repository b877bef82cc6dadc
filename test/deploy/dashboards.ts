import { readdirSync, readFileSync } from 'node:fs';

interface Target {
  readonly expr: string;
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}

export interface DashboardFile {
  readonly file: string;
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly Target[];
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  }[];
  readonly templating: { readonly list: readonly Variable[] };
}

const folder = new URL('../../deploy/grafana/', import.meta.url);

export const readDashboards = (): readonly DashboardFile[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((file) => ({
      file,
      ...(JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Omit<DashboardFile, 'file'>),
    }));

/** Every expression, with the place where it stands. */
export const panelExpressions = (): readonly { readonly panel: string; readonly expr: string }[] =>
  readDashboards().flatMap(({ file, panels }) =>
    panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ panel: `${file}: ${title}`, expr })),
    ),
  );
