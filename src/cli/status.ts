import { configLists } from '../operate/config-lists.ts';
import { reportStatus, type StatusReport } from '../operate/status-report.ts';
import { bookedOutcomes } from '../purge/scripts/settle.ts';
import { letterOutcomes } from '../route/dead-letters/scripts/keys.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/commands.ts';
import { instanceLines } from './instance-lines.ts';
import { printJson } from './json.ts';
import { knownLists } from './known-lists.ts';
import { count } from './progress.ts';
import { table } from './table.ts';
import { visible } from './visible.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

export type StatusCommand = Extract<Command, { kind: 'status' }>;

/** `sluice status`: the ledger of every route, its lag, and what Redis holds. Over all instances; changes nothing. */
export async function status(
  { flags }: StatusCommand,
  context: CommandContext,
  { connect }: { readonly connect: ConnectRedis },
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const lists = await configLists(client, config);
    const known = await knownLists(client, lists, context);
    const report = await reportStatus(client, known, {
      idle: config.delivery.lease * 2,
      signal: context.signal,
    });
    if (flags.json) printJson(context.stdout, report);
    else for (const line of reportLines(report)) context.stdout.write(`${line}\n`);
    return known.length === lists.length ? 0 : 1;
  });
}

const reportLines = (report: StatusReport): readonly string[] => [
  ...routeLines(report),
  ...pausedLines(report),
  ...letterLines(report),
  waitingLine(report),
  ...expiryLines(report),
  ...instanceLines(report.instances),
  ...unnamedLines(report),
];

/** A row per route: claimed is the sum of what follows it. */
function routeLines({ routes }: StatusReport): readonly string[] {
  if (routes.length === 0) return ['No route has claimed anything yet.'];
  const titles = [
    'ROUTE',
    'CLAIMED',
    ...bookedOutcomes.map((name) => name.toUpperCase()),
    'PENDING',
    'LAG',
  ];
  const rows = routes.map(({ route, claimed, booked, pending, lagSeconds: lag }) => [
    route,
    count(claimed),
    ...bookedOutcomes.map((outcome) => count(booked[outcome])),
    count(pending),
    `${Math.round(lag)} s`,
  ]);
  return table([titles, ...rows]);
}

/** What an operator has stopped, and who. */
const pausedLines = ({ routes }: StatusReport): readonly string[] =>
  routes.flatMap(({ route, paused }) =>
    paused === null
      ? []
      : [
          `${visible(route)} is paused by ${visible(paused.by)} since ${visible(paused.at)}: sluice route resume ${visible(route)}`,
        ],
  );

/** What became of the rejected: stored is the sum of what follows it. Nothing where nothing ever was. */
function letterLines({ deadLetters: books }: StatusReport): readonly string[] {
  if (books.length === 0) return [];
  const [, ...ends] = letterOutcomes;
  const titles = [
    'DEAD LETTERS OF',
    'STORED',
    'NOW',
    ...ends.map((end) => end.toUpperCase()),
    'LOST',
  ];
  const rows = books.map(({ route, now, booked, lost }) => [
    route,
    count(booked.stored),
    count(now),
    ...ends.map((end) => count(booked[end])),
    count(lost),
  ]);
  return [
    '',
    'REJECTED counts for ever, also what was redelivered or purged since:',
    ...table([titles, ...rows]),
    '',
  ];
}

const waitingLine = ({ waiting, segments, retainedBytes: bytes }: StatusReport): string =>
  `${count(waiting)} records wait in the gateway’s lists; Redis holds ${count(segments)} segments of ${count(bytes)} bytes.`;

/** With more time left a list is claimed long before. */
const soon = 45;

/** What the gateway's time-to-live takes. */
const expiryLines = ({ expired, expiring }: StatusReport): readonly string[] => [
  ...expiring
    .filter(({ expiresInSeconds }) => expiresInSeconds <= soon)
    .map(
      ({ list, records, expiresInSeconds }) =>
        `${count(records)} records of ${list} expire in ${Math.round(expiresInSeconds)} s unless they are claimed.`,
    ),
  ...(expired === 0 ? [] : [`${count(expired)} records expired unread in the gateway’s lists.`]),
];

/** What a half-done claim has left. */
function unnamedLines({ unnamed }: StatusReport): readonly string[] {
  if ('problem' in unnamed)
    return [`Segments that nothing names cannot be looked for: ${unnamed.problem}.`];
  if (unnamed.segments === 0) return [];
  return [
    `${count(unnamed.records)} records lie in ${count(unnamed.segments)} segments that nothing names: the next start delivers them, a running instance within half an hour.`,
  ];
}
