import { seconds } from '../lib/units.ts';
import { clearedScreen, visible } from '../lib/visible.ts';
import { pause } from '../lib/waiting.ts';
import { configLists } from '../operate/config-lists.ts';
import { reportStatus, type StatusReport } from '../operate/status-report.ts';
import { bookedOutcomes } from '../purge/scripts/settle.ts';
import { isOutage } from '../redis/connect-outage.ts';
import { inWords } from '../redis/connect-reasons.ts';
import { letterOutcomes } from '../route/dead-letters/scripts/keys.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/command.ts';
import { instanceLines } from './instance-lines.ts';
import { printJson } from './json.ts';
import { knownLists } from './known-lists.ts';
import { count } from './progress.ts';
import { sinkLines, type sinksHere } from './sinks-here.ts';
import { table } from './table.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

export type StatusCommand = Extract<Command, { kind: 'status' }>;

interface StatusTools {
  readonly connect: ConnectRedis;
  /** Left out: nobody on this machine is asked. */
  readonly sinksHere?: typeof sinksHere;
}

/** `sluice status`: the ledger of every route, its lag, and what Redis holds. Over all instances; changes nothing. */
export async function status(
  { flags }: StatusCommand,
  context: CommandContext,
  { connect, sinksHere: askSinks }: StatusTools,
): Promise<ExitCode> {
  const config = await loadOrSay(flags.conf, context);
  if (config === undefined) return 1;
  return withRedis({ config: config.redis, connect }, context, async (client) => {
    const { stdout, clock, signal } = context;
    let unnamed: StatusReport['unnamed'] | undefined;
    const look = async (): Promise<ExitCode> => {
      const lists = await configLists(client, config);
      const known = await knownLists(client, lists, context);
      const idle = config.delivery.lease * 2;
      const report = await reportStatus(client, known, { idle, signal, unnamed });
      unnamed = report.unnamed;
      const sinks = await askSinks?.(config, context, flags.token);
      if (flags.watch && stdout.isTTY === true) stdout.write(clearedScreen);
      const lines = sinks === undefined ? [] : sinkLines(sinks);
      if (flags.json) printJson(stdout, { ...report, here: sinks });
      else for (const line of [...reportLines(report), ...lines]) stdout.write(`${line}\n`);
      return known.length === lists.length ? 0 : 1;
    };
    if (!flags.watch) return look();
    for (;;) {
      try {
        await look();
      } catch (error) {
        // It comes back, and then there is something to see again.
        if (signal.aborted || !isOutage(error)) throw error;
        context.stderr.write(`sluice: warning: Redis: ${inWords(error)}\n`);
      }
      await pause(clock, seconds(flags.every), signal);
      if (signal.aborted) return 130;
      if (!flags.json && stdout.isTTY !== true)
        stdout.write(`\n${new Date(clock.now()).toISOString()}\n`);
    }
  });
}

const reportLines = (report: StatusReport): readonly string[] => [
  ...routeLines(report),
  ...againLines(report),
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

/** What was given to a route again is among what it claimed. */
const againLines = ({ routes }: StatusReport): readonly string[] =>
  routes.flatMap(({ route, redelivered }) =>
    redelivered === 0
      ? []
      : [
          `Of what ${visible(route)} claimed it was given ${count(redelivered)} records again (sluice route rewind).`,
        ],
  );

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
