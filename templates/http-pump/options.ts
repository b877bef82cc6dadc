import { secret, tlsOptions } from '#pump';

/** What the operator may say. Where Tyk Pump has the pump: its names, its units, and its suffix of the variable as `env`. */
export const options = {
  url: secret({ doc: 'Address that lines are posted to. Never printed: it may hold a password.' }),
  token: secret({ doc: 'What it signs in with.', default: '' }),
  ...tlsOptions,
};
