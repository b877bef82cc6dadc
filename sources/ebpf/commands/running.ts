/** `sluice capture workloads --at …`: what a process that captures says of its workloads, and the switch of each. */
import { type HostPort, shownHostPort, visible } from '#source';
import { columns } from './columns.ts';

/** As `/api/workloads` sends it; what is not of the right type is shown as unknown. */
type Sent = Readonly<Record<string, unknown>>;

/** The table of all; rejects with the reason where it does not come. */
export async function askForWorkloads(at: HostPort): Promise<string> {
  const page = await ask(at, '/api/workloads');
  return listIn(page['sources'])
    .map((source) => sourceTable(source))
    .join('\n');
}

/** Switches one; gives its new row. Rejects with the reason where it is refused. */
export async function switchWorkload(at: HostPort, id: string, isOn: boolean): Promise<string> {
  const path = `/api/workloads/${encodeURIComponent(id)}`;
  const body = JSON.stringify({ watch: isOn });
  const one = await ask(at, path, {
    ...{ method: 'POST', body },
    headers: { 'content-type': 'application/json' },
  });
  return columns(head, [row(one)]);
}

const askTime = 15_000;

async function ask(at: HostPort, path: string, init: RequestInit = {}): Promise<Sent> {
  const url = `http://${shownHostPort(at)}${path}`;
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(askTime) });
  const text = await answer.text();
  const value = parsed(text);
  if (answer.ok && value !== undefined) return value;
  const detail = value?.['detail'];
  throw new Error(
    `${shownHostPort(at)} answers ${answer.status}: ${visible(typeof detail === 'string' ? detail : text.slice(0, 200).trim())}`,
  );
}

function parsed(text: string): Sent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Sent) : undefined;
  } catch {
    return undefined;
  }
}

function sourceTable(source: Sent): string {
  const health = recordIn(source['health']);
  const lost = Object.entries(recordIn(health['lost']))
    .filter(([, count]) => count !== 0)
    .map(([reason, count]) => `${String(count)} (${reason})`);
  const rows = listIn(source['workloads']).map((one) => row(one));
  return `${visible(textIn(source['name']))}: the loader is ${visible(textIn(health['loader']))}, restarted ${textIn(health['restarts'])} times; lost: ${lost.length === 0 ? 'nothing' : visible(lost.join(', '))}
${rows.length === 0 ? 'No process here uses TLS in a way that is known.\n' : columns(head, rows)}`;
}

const head = [
  ...['ID', 'NAME', 'CONTAINER', 'STATE', 'TLS IN', 'TLS OUT', 'CALLS IN', 'CALLS OUT', 'UNSEEN'],
  ...['CPU', 'MEMORY', 'WHY'],
];

function row(one: Sent): readonly string[] {
  const tls = recordIn(one['tls']);
  const calls = recordIn(one['calls']);
  const share = one['cpu_share'];
  const container = one['container'];
  return [
    ...[one['id'], one['name']].map((value) => visible(textIn(value))),
    typeof container === 'string' ? visible(container.slice(0, 12)) : '-',
    visible(textIn(one['state'])),
    ...[recordIn(tls['in'])['bytes'], recordIn(tls['out'])['bytes']].map((value) => sizeOf(value)),
    ...[calls['in'], calls['out']].map((value) => textIn(value)),
    sizeOf(one['unseen_bytes']),
    typeof share === 'number' ? `${(share * 100).toFixed(1)} %` : '-',
    sizeOf(one['memory_bytes']),
    one['reason'] === null ? '' : visible(textIn(one['reason'])),
  ];
}

const listIn = (value: unknown): readonly Sent[] => (Array.isArray(value) ? (value as Sent[]) : []);

const recordIn = (value: unknown): Sent =>
  typeof value === 'object' && value !== null ? (value as Sent) : {};

const textIn = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '-';

/** Bytes for people. */
function sizeOf(value: unknown): string {
  if (typeof value !== 'number') return '-';
  if (value < 10_000) return `${value} B`;
  return value < 10_000_000 ? `${Math.round(value / 1000)} kB` : `${Math.round(value / 1e6)} MB`;
}
