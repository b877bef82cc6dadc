import type { Config } from '../config/config.ts';
import { isObject } from '../config/options/json.ts';
import { visible } from '../lib/visible.ts';
import { askApi, ownAccess } from './ask-api.ts';
import type { CommandContext } from './command-context.ts';
import { table } from './table.ts';

/** How a route stands in the instance on this machine. */
export interface SinkHere {
  readonly route: string;
  readonly state: string;
  readonly sink: string;
  /** Records delivered a second, over the last minute. */
  readonly rate: number;
  /** Why it does not deliver. */
  readonly reason: string | null;
  readonly lastError: { readonly at: string; readonly reason: string } | null;
}

/** Asked of the Admin API; where nobody answers, why. */
export type SinksHere = { readonly routes: readonly SinkHere[] } | { readonly problem: string };

export async function sinksHere(
  config: Config,
  context: CommandContext,
  token: string,
): Promise<SinksHere> {
  const access = await ownAccess(config, token);
  const answer = await askApi(access, '/routes', context);
  if (!answer.ok) return { problem: `${access.url}: ${answer.problem}` };
  const routes = isObject(answer.body) ? answer.body['routes'] : undefined;
  if (!Array.isArray(routes)) return { problem: `${access.url}: no answer of Sluice` };
  return { routes: routes.filter(isObject).flatMap(sinkOf) };
}

function sinkOf({ route, here }: Readonly<Record<string, unknown>>): readonly SinkHere[] {
  if (typeof route !== 'string' || !isObject(here)) return [];
  const { state, sink, rates, reason, last_error: error } = here;
  const text = (value: unknown): string => (typeof value === 'string' ? value : 'unknown');
  return [
    {
      ...{ route, state: text(state) },
      sink: text(isObject(sink) ? sink['state'] : undefined),
      rate: isObject(rates) && typeof rates['delivered'] === 'number' ? rates['delivered'] : 0,
      reason: typeof reason === 'string' ? reason : null,
      lastError: isObject(error) ? { at: text(error['at']), reason: text(error['reason']) } : null,
    },
  ];
}

export function sinkLines(sinks: SinksHere): readonly string[] {
  if ('problem' in sinks)
    return ['', `How sinks stand on this machine is not known: ${visible(sinks.problem)}.`];
  if (sinks.routes.length === 0) return [];
  const rows = sinks.routes.map(({ route, state, sink, rate, reason, lastError }) => [
    ...[route, state, sink, rate.toFixed(1)],
    reason ?? (lastError === null ? '–' : `${lastError.at} ${lastError.reason}`),
  ]);
  return ['', ...table([['SINKS HERE', 'STATE', 'SINK', 'PER SECOND', 'LAST ERROR'], ...rows])];
}
