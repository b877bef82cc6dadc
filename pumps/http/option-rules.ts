import {
  headerProblems,
  httpProblems,
  isHeaderName,
  isHeaderValue,
  type Rule,
  rulesFor,
} from '#pump';
import { type Parsed, readPieces } from '../shared/templates/template.ts';
import { isField } from './fields.ts';
import { readJsonTemplate } from './json-template.ts';
import type { Options } from './options.ts';
import { formatOf } from './settings.ts';
import { readUrlTemplate } from './url-template.ts';

const { error, warning } = rulesFor<Options>();

export const methods: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  const hasToken = options.token.reveal() !== '';
  const address = [...httpProblems('url', options, hasToken ? 'token' : 'user and password')];
  yield* address;
  if (!address.some(({ severity }) => severity === 'error'))
    yield* templateProblems('url', readUrlTemplate(options.url.reveal()));
  if (options.body !== undefined) yield* templateProblems('body', readJsonTemplate(options.body));
  yield* methodProblems(options);
  yield* signInProblems(options, hasToken);
  yield* headerProblems(options);
  yield* sentProblems(options);
  for (const [status, meaning] of Object.entries(options.statuses)) {
    if (!/^[2-5](?:\d\d|xx)$/.test(status))
      yield error('statuses', 'a key that is no status', 'such as "409" or "5xx"');
    if (!meanings.includes(meaning))
      yield error(`statuses[${status}]`, 'another text', '"delivered", "retry" or "reject"');
  }
  yield* labelProblems(options);
}

const meanings: readonly string[] = ['delivered', 'retry', 'reject'];

function* templateProblems(key: keyof Options, parsed: Parsed<unknown>): Iterable<Rule> {
  if (parsed.ok) return;
  const { at, found, expected } = parsed.problem;
  yield error(key, `${found} at character ${at}`, expected);
}

function* methodProblems({ method }: Options): Iterable<Rule> {
  const parsed = readPieces(method, isField);
  yield* templateProblems('method', parsed);
  if (!parsed.ok || parsed.value.some((piece) => typeof piece !== 'string')) return;
  if (!methods.includes(method))
    yield error('method', 'another text', '"POST", "PUT", "PATCH", or a field');
}

function* signInProblems(options: Options, hasToken: boolean): Iterable<Rule> {
  const { username, password } = options;
  if (hasToken && username !== '')
    yield error('token', 'a token and a user', 'one of them: a request has one authorization');
  if (username === '' && password.reveal() !== '')
    yield error('password', 'a password without a user', 'username as well');
}

function* sentProblems({ token, idempotency_header = '' }: Options): Iterable<Rule> {
  if (!isHeaderValue(token.reveal()))
    yield error('token', 'a line end or another character', 'printable characters');
  if (idempotency_header !== '' && !isHeaderName(idempotency_header))
    yield error('idempotency_header', 'a name that no header has', 'such as "Idempotency-Key"');
}

function* labelProblems(options: Options): Iterable<Rule> {
  for (const [name, value] of Object.entries(options.labels)) {
    if (!/^[a-z_]\w*$/i.test(name))
      yield error('labels', 'a name that no label has', 'letters, digits and "_"');
    const parsed = readPieces(value, isField);
    if (!parsed.ok) {
      const { at, found, expected } = parsed.problem;
      yield error(`labels[${name}]`, `${found} at character ${at}`, expected);
    }
  }
  if (formatOf(options) === 'loki' && Object.keys(options.labels).length === 0)
    yield error('labels', 'none', 'at least one: Loki refuses a stream without');
  if (options.preset === 'loki' && options.format !== undefined)
    yield warning('format', 'a format', 'it left out: Loki takes its own alone');
}
