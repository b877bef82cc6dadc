import { choice, list, type OptionsOf, secret, text, tlsOptions } from '#pump';

/** What the operator may say. Names and environment suffixes are Tyk's (contract 5.6); ours come last. */
export const options = {
  database_name: text({ doc: 'Database the points go to. It must exist.', default: '' }),
  address: secret({
    doc: 'URL of the server: `http://localhost:8086`. Never printed, for it may hold a password.',
    default: '',
    env: 'ADDR',
  }),
  username: text({ doc: 'User for basic authentication.', default: '' }),
  password: secret({ doc: 'Password for basic authentication.', default: '' }),
  fields: list(text({ doc: 'A name.', default: '' }), {
    doc: 'What the points hold. At least one: a point without fields cannot be stored.',
    default: [],
  }),
  tags: list(text({ doc: 'A name.', default: '' }), {
    doc: 'What the points are indexed by. Each combination of values is a series: leave out what has many.',
    default: [],
  }),

  timestamp: choice(['record', 'write'], {
    doc: 'Whose time the points have: `record`, that of the call; `write`, that of writing, as in Tyk Pump.',
    default: 'record',
  }),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
