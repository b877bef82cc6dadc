import { expect, test } from 'vitest';
import { describeOptions } from './describe.ts';
import { choice, flag, optional, port, secret, text } from './options/builders.ts';
import { group, list, map, rows } from './options/collections.ts';
import { duration, size } from './options/measures.ts';

test('a set becomes a table with variables, values, defaults and meanings', () => {
  const options = {
    host_name: text({ doc: 'Host.', default: 'localhost', aliases: ['host'] }),
    port: port({ doc: 'Port.' }),
    format: choice(['a|b', 'c'], { doc: 'Format.', default: 'c' }),
    token: secret({ doc: 'Token.', default: 's-default' }),
    note: optional(text({ doc: 'Note.', env: false })),
    bulk_config: group(
      {
        wait: duration({ doc: 'Wait.', default: '1m30s' }),
        room: size({ doc: 'Room.', default: '64MiB', env: 'SPACE' }),
      },
      { doc: 'Bulk.' },
    ),
    tags: list(text({ doc: 'Tag.' }), { doc: 'Tags.', default: ['a', 'b'] }),
    headers: map({ doc: 'Headers.', default: { a: 'b' } }),
    metrics: rows(
      {
        name: text({ doc: 'Name.' }),
        on: flag({ doc: 'On.', default: false, withoutEffect: 'always on' }),
      },
      { doc: 'Metrics.' },
    ),
  };
  expect(describeOptions(options, 'X_META')).toBe(
    `| Option | Variable | Value | Default | Meaning |
| --- | --- | --- | --- | --- |
| \`host_name\` | \`X_META_HOSTNAME\` | a text | \`localhost\` | Host. Also \`host\`. |
| \`port\` | \`X_META_PORT\` | an integer from 0 to 65535 | required | Port. |
| \`format\` | \`X_META_FORMAT\` | one of "a\\|b", "c" | \`c\` | Format. |
| \`token\` | \`X_META_TOKEN\` | a text | \`s-default\` | Token. |
| \`note\` | – | a text | – | Note. |
| \`bulk_config.wait\` | \`X_META_BULKCONFIG_WAIT\` | a duration with its unit, such as "250ms", "5s", "1h30m" | \`90s\` | Wait. |
| \`bulk_config.room\` | \`X_META_BULKCONFIG_SPACE\` | a size with its unit, such as "512KiB", "64MiB", "2GiB" | \`64MiB\` | Room. |
| \`tags\` | \`X_META_TAGS\` | a list, each element a text | \`a,b\` | Tags. |
| \`headers\` | \`X_META_HEADERS\` | an object of texts | \`a:b\` | Headers. |
| \`metrics\` | \`X_META_METRICS\` | a list of objects | – | Metrics. |
| \`metrics[].name\` | – | a text | required | Name. |
| \`metrics[].on\` | – | true or false | \`false\` | On. No effect here: always on. |
`,
  );
});

test('without a prefix there is no column for variables', () => {
  expect(describeOptions({ a: text({ doc: 'A.', default: '' }) })).toBe(
    '| Option | Value | Default | Meaning |\n| --- | --- | --- | --- |\n| `a` | a text | – | A. |\n',
  );
});
