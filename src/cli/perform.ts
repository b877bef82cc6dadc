import type { Log } from '../lib/log.ts';
import type { FindPump } from '../pump/check-pumps.ts';
import { askWay } from '../redis/capabilities.ts';
import type { CommandContext, ExitCode } from './command-context.ts';
import type { Command } from './command-line/command.ts';
import { completion } from './completion.ts';
import { config } from './config/config.ts';
import { dead } from './dead/dead.ts';
import { type DoctorTools, doctor } from './doctor/doctor.ts';
import { explainWord } from './explain/explain.ts';
import { type FeedTools, feed } from './feed/feed.ts';
import { generate } from './generate.ts';
import type { KibanaTools } from './kibana/kibana.ts';
import { newConfig } from './new/new.ts';
import { releaseAll } from './release.ts';
import { type RouteTools, route } from './route/route.ts';
import { schema } from './schema.ts';
import { sinksHere } from './sinks-here.ts';
import { drain } from './spill/drain.ts';
import { spill } from './spill/spill.ts';
import { status } from './status.ts';
import { type TapTools, tap } from './tap/tap.ts';
import { test } from './test/test.ts';
import type { TopTools } from './top/top.ts';
import { findLeaks } from './validate/find-leaks.ts';
import { probeAdmin } from './validate/probe-admin.ts';
import { validate } from './validate/validate.ts';
import type { ConnectRedis } from './with-redis.ts';

/** All commands that are not the service itself, nor looked at so often as `live`. */
export type Task = Exclude<
  Command,
  { readonly kind: 'run' | 'live' | 'help' | 'version' | 'capture' }
>;

/** What commands use of the process, beside the context. */
export interface ProcessTools
  extends Pick<DoctorTools, 'machine' | 'askReceiver'>,
    Pick<RouteTools, 'confirm' | 'who'>,
    Pick<FeedTools, 'writeOutput' | 'logTaken' | 'mask'>,
    Omit<KibanaTools, 'findPump'> {
  readonly findPump: FindPump;
  /** Of the tree alone, without what a configuration names. */
  readonly findInTree: FindPump;
  /** Types of the pumps in the tree. */
  readonly types: readonly string[];
  readonly connect: ConnectRedis;
  readonly host: string;
  readonly processId: number;
  /** Names this life of the process. */
  readonly instance: string;
  /** The example of a type of the tree, as JSON. */
  readonly readExample: (type: string) => Promise<string>;
  /** For commands that work as the service does. */
  readonly startLog: () => Log;
  readonly tapping: () => TapTools;
  readonly watching: () => TopTools;
}

/** Carries out a command. The service loads nothing of this. */
export function perform(
  command: Task,
  context: CommandContext,
  tools: ProcessTools,
): Promise<ExitCode> {
  const { findPump, findInTree, types, connect, host, readFile } = tools;
  switch (command.kind) {
    case 'validate':
      return validate(command, context, { findPump, connect, askWay, probeAdmin, findLeaks });
    case 'config':
      return config(command, context, { findPump });
    case 'doctor':
      return doctor(command, context, { ...tools, probeAdmin });
    case 'explain':
      return explainWord(command, context, { findPump, types, connect, host });
    case 'new':
      return newConfig(command, context, tools);
    case 'test':
      return test(command, context, { findPump, readFile });
    case 'generate':
      return generate(command, context, { connect });
    case 'dead':
      return dead(command, context, { connect, writeOutput: tools.writeOutput });
    case 'feed':
      return feed(command, context, { ...tools, log: tools.startLog() });
    case 'spill': {
      const { action } = command;
      return action === 'drain'
        ? drain(command, context, { ...tools, log: tools.startLog() })
        : spill({ ...command, action }, context, { host });
    }
    case 'status':
      return status(command, context, { connect, sinksHere });
    case 'top':
      return import('./top/top.ts').then(({ top }) => top(command, context, tools.watching()));
    case 'tap':
      return tap(command, context, tools.tapping());
    case 'route':
      return route(command, context, tools);
    case 'kibana':
      return import('./kibana/kibana.ts').then(({ kibana }) => kibana(command, context, tools));
    case 'model':
      return import('./model/model.ts').then(({ model }) => model(command, context, { readFile }));
    case 'traffic':
      return import('./stored-traffic/stored-traffic.ts').then(({ storedTraffic }) =>
        storedTraffic(command, context, { findPump, ...tools.tapping() }),
      );
    case 'schema':
      return schema(context, { findPump: findInTree, types });
    case 'completion':
      context.stdout.write(completion(command.shell));
      return Promise.resolve(0);
    case 'release':
      return releaseAll(command, context, { connect });
  }
  return command satisfies never;
}
