import { httpProblems, type Rule, rulesFor } from '#pump';
import { unknownFields } from './encode.ts';
import type { Options } from './options.ts';

const { error, warning } = rulesFor<Options>();

/** What one option alone cannot say. */
export function* problemsOf(options: Options): Iterable<Rule> {
  yield* httpProblems('collector_url', options, 'token');
  if (options.collector_token.reveal() === '')
    yield error('collector_token', 'nothing', 'the token of an HTTP Event Collector');
  for (const name of unknownFields(options.fields))
    yield warning('fields', `"${name}"`, 'a name of the README; this one is passed over');
  yield* tagProblems(options);
  if (options.channel !== undefined && !options.indexer_acknowledgement)
    yield warning('channel', 'text', 'indexer_acknowledgement as well: no effect alone');
  if (
    options.channel !== undefined &&
    !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(options.channel)
  )
    yield error('channel', 'no GUID', 'a GUID such as 7f3a0f5e-1c5b-4b7e-9d0e-2b1a6c0d8e4f');
}

function* tagProblems({ ignore_tag_prefix_list, fields }: Options): Iterable<Rule> {
  if (ignore_tag_prefix_list.includes(''))
    yield warning('ignore_tag_prefix_list', 'an empty prefix', 'none: it is passed over');
  if (ignore_tag_prefix_list.length > 0 && !fields.includes('tags'))
    yield warning('ignore_tag_prefix_list', 'prefixes', 'tags among fields: no effect alone');
}
