import { choice, list, type OptionsOf, type Rule, rulesFor, text } from '#pump';
import { isAnyKnown, unknownNames } from './columns.ts';

/** Of what points are made, by Tyk Pump's names. */
export const pointOptions = {
  fields: list(text({ doc: 'A name.', default: '' }), {
    doc: 'Fields of the points. At least one, because a point without fields cannot be stored.',
    default: [],
  }),
  tags: list(text({ doc: 'A name.', default: '' }), {
    doc: 'Tags by which the points are indexed. Each combination of values is a series, so leave out tags with many values.',
    default: [],
  }),
};

export const pointTime = choice(['record', 'write'], {
  doc: 'The time of the points: `record`: the time of the call; `write`: the time of writing, as in Tyk Pump.',
  default: 'record',
});

type PointOptions = OptionsOf<typeof pointOptions>;

const { warning } = rulesFor<PointOptions>();

/** What is wrong with the names. `fate`: what becomes of a field nobody knows. */
export function* pointProblems(
  options: PointOptions,
  values: Readonly<Record<string, unknown>>,
  fate: string,
): Iterable<Rule> {
  const known = Object.keys(values).join(', ');
  for (const name of unknownNames(options.fields, values))
    yield warning('fields', `"${name}"`, `one of ${known}; ${fate}`);
  for (const name of unknownNames(options.tags, values))
    yield warning(
      'tags',
      `"${name}"`,
      `one of ${known}; every point gets this tag with the value null`,
    );
  if (!isAnyKnown(options.fields, values))
    yield warning('fields', 'none', `at least one of ${known}: every record becomes a dead letter`);
}
