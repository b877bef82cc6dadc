/** Of what works on the configuration. */
import { flag, text } from '../flags.ts';
import { conf, help, json, token } from './shared.ts';

export const validateFlags = {
  help,
  conf,
  strict: flag({ doc: 'Makes warnings fail too: unknown keys, options without effect.' }),
  connect: flag({ doc: 'Connects to Redis and to every sink.' }),
  json,
};

export const doctorFlags = {
  help,
  conf,
  all: flag({ doc: 'Also shows what is in order.' }),
  json,
};

export const configFlags = {
  help,
  conf,
  said: flag({ doc: 'Only options that are set: no defaults.' }),
  diff: flag({
    doc: 'Only what differs in the running instance on this machine, or in the one at URL; ends with 1 if anything does.',
  }),
  token,
  json,
};

export const explainFlags = { help, conf, json };

export const newFlags = {
  help,
  output: text({
    placeholder: 'FILE',
    doc: 'Writes to this file, which must not exist yet, instead of standard output.',
  }),
};

export const testFlags = {
  help,
  conf,
  print: flag({ doc: 'Prints what would be sent, as the file would expect it.' }),
  json,
};

export const schemaFlags = { help };
