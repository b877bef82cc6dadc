import { type Rule, rulesFor, type ServedAt } from '#pump';
import type { Options } from './options.ts';

const { error } = rulesFor<Options>();

const taken = ['/metrics', '/live', '/ready', '/'];

/** What one option alone cannot say. */
export function* problemsOf({ path, baseline, page }: Options): Iterable<Rule> {
  if (path === '' || path.endsWith('/') || path.includes('\0'))
    yield error('path', 'no name of a file', 'such as "/var/lib/sluice/model.json"');
  if (baseline !== '' && baseline === path)
    yield error('baseline', 'the file of path', 'another file: that one changes with each call');
  if (page !== '' && (!page.startsWith('/') || taken.includes(page) || /[?#\s]/.test(page)))
    yield error('page', 'a path that cannot be served', 'a path of its own, such as "/api/model"');
}

export const servedAt = ({ page }: Options): readonly ServedAt[] =>
  page === '' ? [] : [{ kind: 'admin-path', option: 'page', path: page }];
