import { configInJson } from '../../../operate/config-in-json.ts';
import { answered, type Endpoint } from '../endpoint.ts';
import { choice, count, flag, list, object, optional, type Schema, text } from '../schema.ts';

const configuration: Schema = object(
  {
    configuration: text('Hash of all values; instances with the same values have the same one.'),
    config: list(
      object(
        {
          key: text('As the file has it: `pumps.es.meta.index_name`.'),
          value: {
            description: 'As it would be in the file; `[secret]` for a secret; null: none.',
          },
          secret: flag('Its value is not shown.'),
          from: choice(['file', 'variable', 'preset', 'default'], 'Who said it.'),
          file: optional(text()),
          line: optional(count()),
          column: optional(count()),
          variable: optional(text()),
          preset: optional(text()),
        },
        { title: 'Option' },
      ),
    ),
  },
  { title: 'Configuration' },
);

export const configurationEndpoint: Endpoint = {
  method: 'GET',
  path: '/configuration',
  role: 'viewer',
  id: 'show-configuration',
  tag: 'Configuration',
  summary: 'Every option with its current value in this instance, and where that comes from.',
  description: 'As `sluice config --json` prints it. Secrets are not shown.',
  answer: { description: 'The options in the order of the documentation.', schema: configuration },
  needsRedis: false,
  handle: (_asked, { effective, self }) =>
    answered({ configuration: self().configuration, ...configInJson(effective()) }),
};
