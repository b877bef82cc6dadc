import type { Command } from '../command-line/command.ts';
import { kibanaFlags } from '../command-line/flag-sets/kibana.ts';

type KibanaCommand = Extract<Command, { kind: 'kibana' }>;
type Action = KibanaCommand['action'];

const both: readonly Action[] = ['import', 'template'];
const objects: readonly Action[] = ['import', 'show'];

/** Flags that only some of the actions understand. */
const only: Partial<Record<keyof typeof kibanaFlags, readonly Action[]>> = {
  url: both,
  username: both,
  'password-file': both,
  'api-key-file': both,
  ca: both,
  overwrite: both,
  'dry-run': both,
  json: both,
  space: ['import'],
  'pump-credentials': ['import'],
  opensearch: objects,
  dynamic: objects,
  naming: ['template'],
  'no-policy': ['template'],
  'delete-after': ['template'],
  'rollover-size': ['template'],
  'rollover-age': ['template'],
  force: ['template'],
};

/** What an action would ignore is an error: somebody believes that it has an effect. Undefined: there is no such flag. */
export function strayFlag({ action, flags }: KibanaCommand): string | undefined {
  const stray = Object.entries(only).find(([name, actions]) => {
    const flag = name as keyof typeof only;
    return !actions.includes(action) && flags[flag] !== kibanaFlags[flag].initial;
  });
  return stray && `--${stray[0]} has no effect on kibana ${action}`;
}
