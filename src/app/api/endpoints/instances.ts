import { seconds as inSeconds } from '../../../lib/units.ts';
import { withDeadline } from '../../../lib/waiting.ts';
import { configLists } from '../../../operate/config-lists.ts';
import { instanceRemarks } from '../../../operate/instance-about.ts';
import { type LiveInstance, liveInstances } from '../../../operate/instances.ts';
import { sortLists } from '../../../operate/known-lists.ts';
import { inWords } from '../../../redis/connect-reasons.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { flag, list, nullable, object, type Schema, seconds, text, time } from '../schema.ts';

const instances: Schema = object(
  {
    instances: list(
      object(
        {
          name: text('Unique for each life of a process.'),
          here: flag('The instance that answers.'),
          version: nullable(text('Null: before 0.2.0, which says nothing of itself.')),
          seconds_ago: nullable(seconds('Since its last sign of life; it gives one a minute.')),
          host: nullable(text()),
          since: nullable(time('When it started.')),
          configuration: nullable(
            text(
              'Hash of its configuration, secrets left out: who differs is configured differently.',
            ),
          ),
          pumps: nullable(
            list(object({ route: text(), type: text('The type of the pump.') }), 'Its routes.'),
          ),
        },
        { title: 'Instance' },
      ),
      'This one first, then the others that were heard of in the last two minutes.',
    ),
    remarks: list(
      text(),
      'What does not fit together: pumps that some do not have, configurations that differ.',
    ),
    problem: nullable(text('Why only this instance is known: Redis is away or refuses.')),
  },
  { title: 'Instances' },
);

/** Less than the whole answer may take. */
const lookingTime = inSeconds(3);

export const instancesEndpoint: Endpoint = {
  method: 'GET',
  path: '/instances',
  role: 'viewer',
  id: 'list-instances',
  tag: 'Status',
  summary: 'The instances at work on these lists, with their pumps.',
  answer: { description: 'The instances.', schema: instances },
  needsRedis: false,
  async handle(_asked, parts) {
    const { name, version, ...about } = parts.self();
    const { others, problem } = await othersOf(parts, name);
    const all = [{ name, here: true, said: { version }, secondsAgo: 0, about }, ...others];
    return answered({
      instances: all.map(({ said, secondsAgo, about: told, ...rest }) => ({
        ...rest,
        version: said?.version ?? null,
        secondsAgo: secondsAgo ?? null,
        host: told?.host ?? null,
        since: told?.since ?? null,
        configuration: told?.configuration ?? null,
        pumps: told?.pumps ?? null,
      })),
      remarks: instanceRemarks(all),
      problem,
    });
  },
};

async function othersOf(
  parts: ApiParts,
  own: string,
): Promise<{
  readonly others: readonly (LiveInstance & { readonly here: false })[];
  readonly problem: string | null;
}> {
  const trouble = parts.redisTrouble();
  if (trouble !== undefined) return { others: [], problem: trouble };
  const { clock, config } = parts;
  try {
    const found = await withDeadline(
      async () => {
        const client = parts.client();
        const { known } = await sortLists(client, await configLists(client, config));
        return liveInstances(client, known, config.delivery.lease * 2);
      },
      { clock, after: lookingTime },
    );
    const others = found
      .filter(({ name }) => name !== own && !name.startsWith(`${own}-w`))
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return { others: others.map((each) => ({ ...each, here: false })), problem: null };
  } catch (error) {
    return { others: [], problem: inWords(error) };
  }
}
