import type { Store } from './store.ts';

/** A consumer group of a manifest, as Redis tells it. */
export interface Group {
  readonly name: string;
  readonly lastDelivered: string;
}

export const manifestOf = (list: string): string => `{${list}}:manifest`;

export async function groupsOf({ client }: Store, manifest: string): Promise<readonly Group[]> {
  if ((await client.exists(manifest)) === 0) return [];
  const reply = (await client.xinfo('GROUPS', manifest)) as readonly (readonly unknown[])[];
  return reply.map((fields) => {
    const valueOf = (name: string): string => String(fields[fields.indexOf(name) + 1]);
    return { name: valueOf('name'), lastDelivered: valueOf('last-delivered-id') };
  });
}

/** What a process has leased and not answered for. Its name as a consumer has its pid in the middle. */
export async function leasedBy(
  store: Store,
  lists: readonly string[],
  pid: number,
): Promise<readonly string[]> {
  const leased: string[] = [];
  for (const manifest of lists.map(manifestOf))
    for (const { name } of await groupsOf(store, manifest)) {
      const pending = await store.client.xpending(manifest, name, '-', '+', 10_000);
      for (const [id, consumer] of pending as readonly (readonly unknown[])[])
        if (String(consumer).includes(`-${pid}-`)) leased.push(`${manifest} ${name} ${String(id)}`);
    }
  return leased;
}

/** The elements of a list that some group has not answered for, in the gateway's order. */
export async function unanswered(store: Store, list: string): Promise<readonly Buffer[]> {
  const { client } = store;
  const manifest = manifestOf(list);
  const groups = await groupsOf(store, manifest);
  const elements: Buffer[] = [];
  for (const [id, fields] of await client.xrange(manifest, '-', '+')) {
    let isAnswered = true;
    for (const { name, lastDelivered } of groups) {
      const pending = await client.xpending(manifest, name, id, id, 1);
      if (pending.length > 0 || isBefore(lastDelivered, id)) isAnswered = false;
    }
    if (isAnswered) continue;
    const valueOf = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
    const start = Number(valueOf('start'));
    const end = start + Number(valueOf('count')) - 1;
    elements.push(
      ...(await client.lrangeBuffer(`{${list}}:seg:${valueOf('segment')}`, start, end)),
    );
  }
  return elements;
}

function isBefore(a: string, b: string): boolean {
  const [aTime = 0, aSequence = 0] = a.split('-').map(Number);
  const [bTime = 0, bSequence = 0] = b.split('-').map(Number);
  return aTime < bTime || (aTime === bTime && aSequence < bSequence);
}
