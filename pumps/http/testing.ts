import { parse } from '../../src/config/options/parse.testing.ts';
import { options } from './options.ts';
import { type Settings, settingsOf } from './settings.ts';

/** For tests: what the other files are given of what an operator writes. */
export function settingsFor(meta: object): Settings {
  const { value, errors } = parse(options, { url: 'http://h', ...meta });
  if (value === undefined) throw new Error(errors.join('\n'));
  return settingsOf(value);
}
