import { choice, flag, list, type OptionsOf, type SourceRule, text } from '#source';

export const options = {
  file: list(text({ doc: 'A file.' }), {
    doc: 'The log, or several of one format. On the command line every word without a flag is one.',
  }),
  format: choice(['nginx', 'nginx_request_time', 'envoy'], {
    doc: '`nginx`: its `combined`; `nginx_request_time`: that with a space and `$request_time` behind it; `envoy`: its default format.',
  }),
  follow: flag({
    doc: 'Goes on as `tail -F` does, through rotation and truncation. Otherwise it ends at the end of the files.',
    default: false,
  }),
  begin: choice(['start', 'end'], {
    doc: 'With `follow`, where a file begins of which `state_file` knows nothing.',
    default: 'start',
  }),
  state_file: text({
    doc: 'A file that keeps how far each log has been read and written. Empty: each start begins anew.',
    default: '',
  }),
  direction: choice(['in', 'out'], {
    doc: 'Which way the calls went: `in` for a log of a server or its proxy, `out` for that of an outgoing proxy.',
    default: 'in',
  }),
  host: text({ doc: 'Host of the calls, where the log does not say it (nginx).', default: '' }),
  api_id: text({ doc: '`api_id` of the records.', default: '' }),
  api_name: text({ doc: '`api_name` of the records.', default: '' }),
};

export type Options = OptionsOf<typeof options>;

/** What one option alone cannot say. */
export function* check({ file, begin, follow }: Options): Iterable<SourceRule> {
  if (file.length === 0) yield { key: 'file', severity: 'error', message: 'a file to read' };
  if (begin === 'end' && !follow)
    yield { key: 'begin', severity: 'error', message: '`follow`, or nothing would be read' };
}
