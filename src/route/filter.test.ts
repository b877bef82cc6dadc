import { describe, expect, it } from 'vitest';
import type { FilterConfig } from '../config/config.ts';
import { compileFilter } from './filter.ts';
import { aFakeRecord, aPumpEntry, type RecordFields } from './testing/parts.testing.ts';

const none = aPumpEntry().filters;
const keeps = (filters: Partial<FilterConfig>, fields: RecordFields): boolean | undefined =>
  compileFilter({ ...none, ...filters })?.(aFakeRecord(fields));

describe('a filter', () => {
  it('is absent when nothing is filtered', () => {
    expect(compileFilter(none)).toBeUndefined();
  });

  it.each<[string, Partial<FilterConfig>, RecordFields, boolean]>([
    ['drops a blocked API', { skipApiIds: ['a'] }, { apiId: 'a' }, false],
    ['keeps what is not blocked', { skipApiIds: ['a'] }, { apiId: 'b' }, true],
    ['drops a blocked organisation', { skipOrgIds: ['o'] }, { orgId: 'o' }, false],
    ['drops a blocked code', { skipResponseCodes: [404] }, { code: 404 }, false],
    ['drops an API not on the allow list', { apiIds: ['a'] }, { apiId: 'b' }, false],
    ['keeps an API on the allow list', { apiIds: ['a', 'b'] }, { apiId: 'b' }, true],
    ['drops an organisation not on the list', { orgIds: ['o'] }, { orgId: 'p' }, false],
    ['drops a code not on the list', { responseCodes: [200] }, { code: 201 }, false],
    ['lets block lists win', { skipApiIds: ['a'], apiIds: ['a'] }, { apiId: 'a' }, false],
    [
      'wants every allow list to hold',
      { apiIds: ['a'], orgIds: ['o'] },
      { apiId: 'a', orgId: 'p' },
      false,
    ],
    ['compares case', { skipApiIds: ['A'] }, { apiId: 'a' }, true],
    ['matches an empty id exactly', { orgIds: [''] }, { orgId: '' }, true],
    ['keeps the code −1 where it is allowed', { responseCodes: [-1] }, { code: -1 }, true],
    ['drops the code −1 where it is blocked', { skipResponseCodes: [-1] }, { code: -1 }, false],
  ])('%s', (_, filters, fields, expected) => {
    expect(keeps(filters, fields)).toBe(expected);
  });
});
