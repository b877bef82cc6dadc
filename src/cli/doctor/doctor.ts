import type { Config, OtlpTarget } from '../../config/config.ts';
import { placed } from '../../config/places.ts';
import { formatProblem } from '../../config/problem.ts';
import { reviewRules } from '../../edit/review-rules.ts';
import { shownHostPort } from '../../lib/host-port.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import {
  certificatesInForce,
  certificatesOfProcess,
  trustedAuthorities,
} from '../../operate/certificate-files.ts';
import { examineFile, examineServer, serversOf } from '../../operate/doctor/certificates.ts';
import { examineRedis } from '../../operate/doctor/examine-redis.ts';
import { amiss, type Finding, ok } from '../../operate/doctor/finding.ts';
import { judgeMachine, type Machine } from '../../operate/doctor/judge-machine.ts';
import { judgeSpill } from '../../operate/doctor/judge-spill.ts';
import { lookAtSpill } from '../../operate/doctor/spill-disk.ts';
import type { CheckedPump, FindPump } from '../../pump/check-pumps.ts';
import { reviewPumps } from '../../pump/review-pumps.ts';
import { inWords } from '../../redis/connect-reasons.ts';
import type { CommandContext, ExitCode, LoadedConfig } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { printJson } from '../json.ts';
import { placeIn } from '../validate/place-in.ts';
import { type ConnectTools, type Tried, trySinks } from '../validate/try-connections.ts';
import { addressOf, type ConnectRedis } from '../with-redis.ts';
import { findingLines } from './finding-lines.ts';

export type DoctorCommand = Extract<Command, { kind: 'doctor' }>;

export interface DoctorTools extends Pick<ConnectTools, 'probeAdmin'> {
  readonly connect: ConnectRedis;
  readonly findPump: FindPump;
  readonly machine: () => Promise<Machine>;
  /** Why a receiver of telemetry does not take anything; undefined: it does. Never rejects. */
  readonly askReceiver: (signal: Signal, target: OtlpTarget) => Promise<string | undefined>;
}

type Signal = 'metrics' | 'traces' | 'logs';

/** Redis is asked many things, one after the other. */
const redisTime = seconds(15);
const tlsTime = seconds(5);

/**
 * `sluice doctor`: looks at everything that the service stands on, and says of each thing how it is, why it matters and what to
 * do. Where Redis is away it goes on with the rest. Changes nothing. Fails where something is an error.
 */
export async function doctor(
  { flags }: DoctorCommand,
  context: CommandContext,
  tools: DoctorTools,
): Promise<ExitCode> {
  const loaded = await context.load(flags.conf);
  const { config, pumps } = loaded;
  const { findPump } = tools;
  const checked = await reviewPumps(pumps, { findPump, admin: config?.health });
  const routes = checked.usable;
  const machine = await tools.machine();
  const problems = [...loaded.problems, ...checked.leftOut, ...checked.problems];
  problems.push(...(await reviewRules(pumps)));
  const found = [
    ...configurationFindings(problems, loaded),
    ...(config === undefined
      ? []
      : (
          await Promise.all([
            redisFindings(config, context, tools),
            certificateFindings(config, routes, context),
            endFindings({ config, routes }, context, tools),
            spillFindings(config),
            telemetryFindings(config, tools),
          ])
        ).flat()),
    ...judgeMachine(machine, config),
  ];
  if (context.signal.aborted) return 130;
  const errors = found.filter(({ level }) => level === 'error').length;
  const warnings = found.filter(({ level }) => level === 'warning').length;
  if (flags.json)
    printJson(context.stdout, { ok: errors === 0, errors, warnings, findings: found });
  else for (const line of findingLines(found, flags)) context.stdout.write(`${line}\n`);
  return errors === 0 ? 0 : 1;
}

function configurationFindings(
  problems: LoadedConfig['problems'],
  loaded: LoadedConfig,
): readonly Finding[] {
  if (problems.length === 0) return [ok('configuration', 'nothing is wrong with it')];
  return problems.map((problem) =>
    amiss('configuration', problem.severity, {
      what: formatProblem(placed(problem, placeIn(loaded, problem))),
      why:
        problem.severity === 'error'
          ? 'the service does not start'
          : 'it may not do what was meant',
      remedy: 'Mend it; `sluice validate` shows the line.',
    }),
  );
}

async function redisFindings(
  config: Config,
  { clock, signal }: CommandContext,
  { connect }: DoctorTools,
): Promise<readonly Finding[]> {
  const check = 'redis connection';
  try {
    return await withDeadline(
      async (either) => {
        const connection = await connect(config.redis, either);
        try {
          const notes = (connection.notes?.() ?? []).map((what) =>
            amiss(check, 'warning', {
              ...{ what, why: 'it works, and not as it was meant' },
              remedy: 'Look at the servers that are named.',
            }),
          );
          const examined = await examineRedis(connection.client, { config, clock });
          return [ok(check, addressOf(config.redis)), ...notes, ...examined];
        } finally {
          await connection.close();
        }
      },
      { clock, after: redisTime },
      signal,
    );
  } catch (error) {
    return [
      amiss(check, 'error', {
        what: `${addressOf(config.redis)}: ${inWords(error)}`,
        why: 'nothing is claimed while Redis is away; nothing else about it could be looked at',
        remedy: 'Start it, or mend analytics_storage_config.',
      }),
    ];
  }
}

function certificateFindings(
  config: Config,
  routes: readonly CheckedPump[],
  { clock, signal }: CommandContext,
): Promise<readonly Finding[]> {
  const { redis, admin } = config;
  const now = clock.now();
  const soon = AbortSignal.any([signal, AbortSignal.timeout(tlsTime)]);
  const { tls } = redis;
  const files = [
    ...trustedAuthorities({ redis, pumps: routes }),
    ...certificatesOfProcess(config),
    ...certificatesInForce({ admin, pumps: routes }),
  ];
  return Promise.all([
    ...files.map(({ subject, path }) => examineFile(subject, path, now)),
    ...(tls === undefined ? [] : redis.addresses).map((at) =>
      examineServer(
        `redis ${shownHostPort(at)}`,
        { ...at, serverName: tls?.serverName ?? '' },
        { now, signal: soon },
      ),
    ),
    ...routes.flatMap(({ entry, values }) =>
      serversOf(values).map((at) =>
        examineServer(`${entry.name} ${shownHostPort(at)}`, at, { now, signal: soon }),
      ),
    ),
  ]);
}

/** The admin server's port, and every destination, as `validate --connect` tries them. */
async function endFindings(
  given: { readonly config: Config; readonly routes: readonly CheckedPump[] },
  context: CommandContext,
  tools: DoctorTools,
): Promise<readonly Finding[]> {
  const { admin, sinks } = await trySinks(given, context, tools);
  return [
    ...triedFindings('admin server', admin, 'without the port the service does not start'),
    ...sinks.flatMap((tried) =>
      triedFindings('sink', tried, 'its records wait in Redis until it answers'),
    ),
  ];
}

const triedFindings = (
  check: 'admin server' | 'sink',
  { name, health, warnings = [] }: Tried,
  why: string,
): readonly Finding[] =>
  [
    health.state === 'up'
      ? ok(check, 'up')
      : amiss(check, health.state === 'down' ? 'error' : 'note', {
          what: health.reason,
          why: health.state === 'down' ? why : 'it cannot be told from here',
          remedy:
            health.state === 'down'
              ? 'Mend what is named.'
              : 'Nothing, where that is as it should be.',
        }),
    ...warnings.map((what) =>
      amiss(check, 'warning', {
        ...{ what, why: 'it is up, and not as it should be' },
        remedy: 'Mend what is named.',
      }),
    ),
  ].map((finding) => ({ ...finding, subject: name }));

async function spillFindings({ bounds }: Config): Promise<readonly Finding[]> {
  const { spillDir, spillBytes } = bounds;
  if (spillDir === '') return [ok('spill', 'none is configured')];
  return judgeSpill(spillDir, await lookAtSpill(spillDir), spillBytes);
}

/** Of each signal, for each may go somewhere else. */
async function telemetryFindings(
  { telemetry }: Config,
  { askReceiver }: DoctorTools,
): Promise<readonly Finding[]> {
  if (telemetry === undefined) return [ok('telemetry', 'nothing is sent over OTLP')];
  const asked = (['metrics', 'traces', 'logs'] as const).map(async (signal) => {
    const target = telemetry[signal];
    if (target === undefined) return [];
    const trouble = await askReceiver(signal, target);
    const finding =
      trouble === undefined
        ? ok('telemetry', 'is taken')
        : amiss('telemetry', 'warning', {
            what: trouble,
            why: 'what the service says of itself is lost; records are delivered all the same',
            remedy: 'Start the receiver, or mend sluice.telemetry.',
          });
    return [{ ...finding, subject: signal }];
  });
  return (await Promise.all(asked)).flat();
}
