import type { CommandKind, SourceKind } from '#source';

type Load<T> = () => Promise<{ readonly default: T }>;

/** Every source there is, by type. One that is not configured is never loaded. */
const sources: Readonly<Record<string, Load<SourceKind>>> = {
  ebpf: () => import('./ebpf/index.ts'),
  'access-log': () => import('./access-log/index.ts'),
  egress: () => import('./egress/index.ts'),
  forward: () => import('./forward/index.ts'),
  gateway: () => import('./gateway/index.ts'),
  har: () => import('./har/index.ts'),
  packets: () => import('./packets/index.ts'),
};

/** Commands that sources bring, by name. */
const commands: Readonly<Record<string, Load<CommandKind>>> = {
  'bench proxy': () => import('./forward/commands/bench-proxy.ts'),
  ca: () => import('./forward/commands/ca.ts'),
  'check apis': () => import('./gateway/commands/check-apis.ts'),
  doctor: () => import('./packets/commands/doctor.ts'),
  workloads: () => import('./ebpf/commands/workloads.ts'),
};

export const sourceTypes: readonly string[] = Object.keys(sources);
export const commandNames: readonly string[] = Object.keys(commands);

/** Loads the source of a type, as it is written in the configuration; undefined: there is none. */
export const findSource = (type: string): Promise<SourceKind | undefined> => found(sources, type);

/** Loads the command of a name; undefined: there is none. */
export const findCommand = (name: string): Promise<CommandKind | undefined> =>
  found(commands, name);

async function found<T>(
  all: Readonly<Record<string, Load<T>>>,
  name: string,
): Promise<T | undefined> {
  const load = Object.hasOwn(all, name) ? all[name] : undefined;
  return load === undefined ? undefined : (await load()).default;
}
