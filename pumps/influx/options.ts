import { type OptionsOf, secret, text, tlsOptions } from '#pump';
import { pointOptions, pointTime } from '../shared/line-protocol/point-options.ts';

/**
 * What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "influx and influx2"); ours come
 * last.
 */
export const options = {
  database_name: text({ doc: 'Database the points go to. It must exist.', default: '' }),
  address: secret({
    doc: 'URL of the server: `http://localhost:8086`. Never printed, because it may hold a password.',
    default: '',
    env: 'ADDR',
  }),
  username: text({ doc: 'User for basic authentication.', default: '' }),
  password: secret({ doc: 'Password for basic authentication.', default: '' }),
  ...pointOptions,

  timestamp: pointTime,
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;
