import { expect, it } from 'vitest';
import { aRecord } from '../../record/testing.ts';
import { pathTemplateOf } from './path-template.ts';

it('shows the path of a record as its template', () => {
  const shown = pathTemplateOf({ templates: ['/users/{id}'], foldsIds: true });
  const paths = ['/users/42', '/orders/7', '/users/42', ''];

  expect(paths.map((path) => shown(aRecord({ path })))).toEqual([
    ...['/users/{id}', '/orders/{number}', '/users/{id}', ''],
  ]);
});
