/** Of `sluice kibana`. */
import { choice, flag, integer, text } from '../flags.ts';
import { conf, help, json } from './shared.ts';

export const kibanaFlags = {
  help,
  conf,
  pump: text({
    placeholder: 'PUMP',
    doc: 'Takes indices, fields and (template) address, credentials and TLS from this elasticsearch pump of the configuration file.',
  }),
  url: text({
    placeholder: 'URL',
    doc: 'import: address of Kibana or OpenSearch Dashboards. template: address of Elasticsearch or OpenSearch, instead of the pump’s.',
  }),
  index: text({
    placeholder: 'INDEX',
    doc: 'import, show: names and patterns of indices, instead of the pump’s (tyk_analytics*). template: name of the index (tyk_analytics).',
  }),
  name: text({
    placeholder: 'NAME',
    doc: 'import, show: makes objects of their own beside the usual ones. template: name of templates and policy.',
  }),
  space: text({
    placeholder: 'SPACE',
    doc: 'import: id of the space, instead of the default one.',
  }),
  opensearch: flag({
    doc: 'import, show: objects for OpenSearch Dashboards. import asks the server if you do not say it.',
  }),
  dynamic: flag({
    doc: 'import, show: the indices were made without a template, so texts are searched in their “.keyword” fields.',
  }),
  naming: choice({
    of: ['auto', 'plain', 'daily', 'alias', 'data-stream'],
    doc: 'template: as the pump names them, else plain (auto); one index that stays (plain), one for each day (daily), a name that stands for the newest of several (alias), a data stream.',
  }),
  'no-policy': flag({
    doc: 'template: makes no lifecycle policy, whatever the naming.',
  }),
  'delete-after': integer({
    initial: 0,
    least: 0,
    placeholder: 'DAYS',
    doc: 'template: deletes indices after so many days; 0: never (0).',
  }),
  'rollover-size': text({
    placeholder: 'SIZE',
    initial: '50gb',
    doc: 'template, for an alias or a data stream: begins another index at this size (50gb).',
  }),
  'rollover-age': integer({
    initial: 7,
    least: 1,
    placeholder: 'DAYS',
    doc: 'template, for an alias or a data stream: begins another index after so many days (7).',
  }),
  username: text({
    placeholder: 'USER',
    doc: 'User; also the variable SLUICE_KIBANA_USERNAME. The password is in SLUICE_KIBANA_PASSWORD or in a file.',
  }),
  'password-file': text({ placeholder: 'FILE', doc: 'File with the password of the user.' }),
  'api-key-file': text({
    placeholder: 'FILE',
    doc: 'File with an API key, `id:key` or encoded; also the variable SLUICE_KIBANA_API_KEY.',
  }),
  'pump-credentials': flag({
    doc: 'import: signs in with the credentials of the pump, and trusts the authorities that it trusts.',
  }),
  ca: text({
    placeholder: 'FILE',
    doc: 'Authorities to trust (PEM), instead of the system’s.',
  }),
  overwrite: flag({ doc: 'Replaces what Sluice made before.' }),
  force: flag({
    doc: 'template: also replaces what Sluice did not make, and takes indices from other templates.',
  }),
  'dry-run': flag({ doc: 'Looks, says what would be done, and changes nothing.' }),
  json,
};
