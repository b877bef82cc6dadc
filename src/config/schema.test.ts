import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContractError } from '../lib/errors.ts';
import { applyLayers, type Said, type Setting } from './schema.ts';

const setting = (name: string, over: Partial<Setting> = {}): Setting => ({
  name,
  doc: 'Something.',
  default: null,
  isRequired: false,
  isSensitive: false,
  env: undefined,
  check: () => true,
  ...over,
});

/** What the check of one setting is told. */
function told(
  over: Partial<Setting>,
  from: { readonly file?: unknown; readonly env?: string },
): Said | undefined {
  let seen: Said | undefined;
  const check = (said: Said): boolean => {
    seen = said;
    return true;
  };
  applyLayers([setting('group.it', { env: 'IT', ...over, check })], {
    file: 'file' in from ? new Map([['group.it', from.file]]) : new Map(),
    env: from.env === undefined ? new Map() : new Map([['IT', from.env]]),
  });
  return seen;
}

describe('convict is given nothing it could interpret', () => {
  const defaults = ['true', 'false', '8125', '0.5', 'a,b', '{"a":1}', '[]', '/x/', ''];

  test.each(['0', '81abc', ' a , b ', '{"a":', '{"a":1}', '', 'null', 'undefined'])(
    'the variable %j arrives as it is, whatever the default',
    (text) => {
      for (const fallback of [null, ...defaults])
        expect(told({ default: fallback }, { env: text })).toEqual({ by: 'environment', text });
    },
  );

  test('values from the file arrive as they are and are not merged into defaults', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(null, ...defaults), (raw, fallback) => {
        expect(told({ default: fallback }, { file: raw })).toEqual({ by: 'file', raw });
      }),
    );
  });

  test('a variable beats the file, also when the file has an object', () => {
    expect(told({}, { file: { a: 1 }, env: 'x' })).toEqual({ by: 'environment', text: 'x' });
  });
});

test('who says nothing is told so, unless it is optional', () => {
  expect(told({ default: '5' }, {})).toEqual({ by: 'nobody' });
  expect(told({ isRequired: true }, {})).toEqual({ by: 'nobody' });
});

test('the own arguments and variables of the process are not read', () => {
  const [name] = Object.entries(process.env).find(([, value]) => value !== undefined) ?? ['PATH'];
  expect(told({ env: name, default: 'x' }, {})).toEqual({ by: 'nobody' });
});

test('every check is called, also after one has failed, and nothing is thrown or printed', () => {
  const called: string[] = [];
  const check = (name: string) => () => {
    called.push(name);
    return name !== 'a';
  };
  applyLayers(
    ['a', 'b', 'c'].map((name) =>
      setting(name, { default: 'x', isSensitive: true, check: check(name) }),
    ),
    { file: new Map([['a', 'hunter2']]), env: new Map() },
  );
  expect(called).toEqual(['a', 'b', 'c']);
});

test('a group may have a member called default', () => {
  let seen: Said | undefined;
  const check = (said: Said): boolean => {
    seen = said;
    return true;
  };
  applyLayers([setting('group.default', { check, default: 'x' }), setting('group.doc')], {
    file: new Map([['group.default', 1]]),
    env: new Map(),
  });
  expect(seen).toEqual({ by: 'file', raw: 1 });
});

test('a schema that convict refuses is our bug', () => {
  expect(() => {
    applyLayers([setting('_cvtProperties')], { file: new Map(), env: new Map() });
  }).toThrow(ContractError);
});
