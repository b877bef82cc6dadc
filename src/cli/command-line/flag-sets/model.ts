/** Of `sluice model`. */
import { flag, text } from '../flags.ts';
import { help, json } from './shared.ts';

export const modelFlags = {
  help,
  openapi: flag({ doc: 'Prints an OpenAPI 3.1 description, as JSON.' }),
  title: text({
    placeholder: 'TEXT',
    initial: 'Observed API',
    doc: 'With --openapi: title of the description (Observed API).',
  }),
  json,
};
