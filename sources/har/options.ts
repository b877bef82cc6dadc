import {
  choice,
  flag,
  hostPort,
  list,
  type OptionsOf,
  optional,
  type SourceRule,
  secret,
  size,
  text,
} from '#source';

export const options = {
  files: list(text({ doc: 'A file, or a folder.' }), {
    doc: 'What is imported: files, and folders with files called `*.har`. On the command line every word without a flag is one.',
    default: [],
  }),
  watch: flag({
    doc: 'Goes on after that, and imports what is new in the folders, or has become another file.',
    default: false,
  }),
  state_file: text({
    doc: 'A file in which is noted what has been imported, so that it is passed over another time. Empty: everything is imported at each start.',
    default: '',
  }),
  listen: optional(
    hostPort({
      doc: 'Where HARs and entries are taken by POST, such as `127.0.0.1:8086`; without a host it is the loopback. Unset: nowhere.',
    }),
  ),
  token: optional(
    secret({
      doc: 'What senders must show as `Authorization: Bearer …`. Required where others than this machine can reach `listen`.',
    }),
  ),
  origins: list(text({ doc: 'An origin, such as `chrome-extension://<id>`.' }), {
    doc: 'Pages and browser extensions that may send, by their origins. Empty: none; programs that are no browsers need not be named.',
    default: [],
  }),
  max_body: size({
    doc: 'Bytes of a request to `listen`, decoded.',
    default: '64MiB',
    min: '1KiB',
  }),
  max_entry: size({
    doc: 'Bytes of an entry, in a file or a request; a longer one is skipped. So much memory is needed.',
    default: '64MiB',
    min: '1KiB',
  }),
  direction: choice(['out', 'in'], {
    doc: 'Which way the calls went: `out` as browsers and clients write them; `in` for files of a server or its proxy.',
    default: 'out',
  }),
  api_id: text({ doc: '`api_id` of the records.', default: '' }),
  api_name: text({ doc: '`api_name` of the records.', default: '' }),
};

export type Options = OptionsOf<typeof options>;

const loopback = /^(?:|localhost|127(?:\.\d+){3}|::1)$/;
const origin = /^[a-z][a-z\d+.-]*:\/\/[^\s/*?#@]+$/i;

/** What one option alone cannot say. */
export function* check(given: Options): Iterable<SourceRule> {
  const error = (key: string, message: string): SourceRule => ({ key, message, severity: 'error' });
  if (given.files.length === 0 && given.listen === undefined)
    yield error('files', 'a file or a folder, or somewhere to listen (listen)');
  if (given.watch && given.files.length === 0)
    yield error('watch', 'files or folders to look at (files)');
  if (given.listen !== undefined && !loopback.test(given.listen.host) && given.token === undefined)
    yield error('token', 'a token, as others than this machine can reach listen');
  for (const [at, each] of given.origins.entries())
    if (!origin.test(each))
      yield error(
        `origins[${at}]`,
        'an origin such as https://example.com or chrome-extension://<id>',
      );
}
