import { expect, it } from 'vitest';
import { pathTemplate } from './path-template.ts';

const templates = ['/users/me', '/users/{id}', '/users/{id}/orders/{order}', '/files/*'];

it.each([
  ['/users/me', '/users/me'],
  ['/users/42', '/users/{id}'],
  ['/users/42/orders/7', '/users/{id}/orders/{order}'],
  ['/files/a/b/c', '/files/*'],
  ['/files', '/files'],
  ['/users/42/', '/users/42/'],
  ['/other/42', '/other/42'],
])('shows %s as %s', (path, shown) => {
  expect(pathTemplate({ templates, foldsIds: false })(path)).toBe(shown);
});

it.each([
  ['/users/42/orders/0007', '/users/{number}/orders/{number}'],
  ['/users/9b2f1c9e-8f0a-4d3b-9d52-0a1b2c3d4e5f', '/users/{uuid}'],
  ['/users/9B2F1C9E-8F0A-4D3B-9D52-0A1B2C3D4E5F/x', '/users/{uuid}/x'],
  ['/docs/65f0c3a1b2c3d4e5f6a7b8c9', '/docs/{id}'],
  ['/docs/01HV4Z7K3M8N9P0QRSTVWXYZ12', '/docs/{id}'],
  ['/v2/orders/recently-delivered-in-2024', '/v2/orders/recently-delivered-in-2024'],
  ['/internationalisation', '/internationalisation'],
  ['', ''],
])('folds %s into %s', (path, shown) => {
  expect(pathTemplate({ templates: [], foldsIds: true })(path)).toBe(shown);
});

it('folds only what fits no template', () => {
  const shown = pathTemplate({ templates: ['/users/{id}'], foldsIds: true });

  expect([shown('/users/42'), shown('/users/42'), shown('/orders/42')]).toEqual([
    '/users/{id}',
    '/users/{id}',
    '/orders/{number}',
  ]);
});

it('shows a long path as any other', () => {
  const shown = pathTemplate({ templates: ['/files/*'], foldsIds: false });
  const path = `/files/${'a'.repeat(2000)}`;

  expect([shown(path), shown(path)]).toEqual(['/files/*', '/files/*']);
});
