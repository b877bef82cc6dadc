/**
 * Which layout the keys of a list have: the field `layout` of its state, which every script looks at before anything else. A
 * list without the field has layout 1, which versions before 0.2.0 wrote without saying so. A list with another layout
 * than this version's is not touched: not by the service, not by a command (CONTRIBUTING.md, "Changing the layout").
 */
import type { RedisClient } from './client.ts';
import { stateKey } from './keys.ts';

/** The layout that this version reads and writes. */
export const layout = 1;

/** Lua: field and value by which the state says its layout; goes into whatever writes to it. */
export const luaLayoutField = `'layout', '${layout}'`;

/** Lua: raises unless the list has this version's layout. Part of luaGuard. */
export const luaLayout = `
local function checkLayout(state)
  local found = read('HGET', state, 'layout')
  if found and found ~= '${layout}' then refuse('LAYOUT ' .. string.sub(found, 1, 20) .. ' (HGET ' .. state .. ')') end
end
`;

/** A list has a layout that this version does not know. By its name an answer of Redis, as which it came. */
export class ForeignLayout extends Error {
  override readonly name = 'ReplyError';
  /** The layout it has. */
  readonly found: string;

  constructor(found: string, key: string) {
    super(`${sentence(found)} ${key}`);
    this.found = found;
  }
}

/** The error that a script of ours has raised because of the layout; undefined: it was another one. */
export function foreignLayoutOf(reason: string): ForeignLayout | undefined {
  const [, found, key = ''] = /^LAYOUT (.*) (\(HGET .*\))$/s.exec(reason) ?? [];
  return found === undefined ? undefined : new ForeignLayout(found, key);
}

function sentence(found: string): string {
  const isNewer = /^\d{1,15}$/.test(found) && Number(found) > layout;
  return isNewer
    ? `its layout is ${found}, of a newer version of Sluice; this one knows ${layout} and touches nothing of the list`
    : `its layout is ${JSON.stringify(found)}, which no version of Sluice writes; this one touches nothing of the list`;
}

/** Why this version may not touch a list; undefined: it may. */
export async function whyForeign(
  client: RedisClient,
  list: string,
): Promise<ForeignLayout | undefined> {
  const state = stateKey(list);
  const found = await client.hget(state, 'layout');
  if (found === null || found === String(layout)) return undefined;
  return foreignLayoutOf(`LAYOUT ${found.slice(0, 20)} (HGET ${state})`);
}
