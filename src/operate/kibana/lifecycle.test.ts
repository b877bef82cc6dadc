import { describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { hasLifecycle, type LifecycleOptions, policyOf } from './lifecycle.ts';

const elasticsearch: Engine = { product: 'elasticsearch', major: 8, minor: 19 };
const openSearch: Engine = { product: 'opensearch', major: 2, minor: 19 };
const options = (change: Partial<LifecycleOptions> = {}): LifecycleOptions => ({
  ...{ naming: 'data-stream', patterns: ['calls'], deleteAfter: 30 },
  ...{ rolloverSize: '50gb', rolloverAge: 7 },
  ...change,
});
const bodyOf = (engine: Engine, change?: Partial<LifecycleOptions>): object =>
  policyOf(engine, 'calls', options(change)).body;

describe('a policy', () => {
  it('is for no index that stays: it would be deleted while it is written', () => {
    expect(hasLifecycle({ naming: 'plain', deleteAfter: 30 })).toBe(false);
    expect(hasLifecycle({ naming: 'daily', deleteAfter: 30 })).toBe(true);
    expect(hasLifecycle({ naming: 'daily', deleteAfter: 0 })).toBe(false);
    expect(hasLifecycle({ naming: 'alias', deleteAfter: 0 })).toBe(true);
  });

  it('of Elasticsearch rolls over and deletes', () => {
    expect(bodyOf(elasticsearch)).toMatchObject({
      policy: {
        _meta: { managed_by: 'sluice' },
        phases: {
          hot: { actions: { rollover: { max_primary_shard_size: '50gb', max_age: '7d' } } },
          delete: { min_age: '30d', actions: { delete: {} } },
        },
      },
    });
    expect(bodyOf(elasticsearch, { deleteAfter: 0 })).not.toHaveProperty('policy.phases.delete');
  });

  it('rolls no index of a day over', () => {
    expect(bodyOf(elasticsearch, { naming: 'daily' })).not.toHaveProperty(
      'policy.phases.hot.actions.rollover',
    );
    expect(bodyOf(openSearch, { naming: 'daily' })).toMatchObject({
      policy: {
        states: [
          {
            name: 'hot',
            actions: [],
            transitions: [{ state_name: 'delete', conditions: { min_index_age: '30d' } }],
          },
          { name: 'delete', actions: [{ delete: {} }], transitions: [] },
        ],
      },
    });
  });

  it('has what its version knows', () => {
    const old: Engine = { product: 'elasticsearch', major: 7, minor: 10 };
    expect(bodyOf(old)).toHaveProperty('policy.phases.hot.actions.rollover.max_size', '50gb');
    expect(bodyOf(old)).not.toHaveProperty('policy._meta');
  });

  it('of OpenSearch counts the days from the rollover, and is for the indices alone', () => {
    expect(bodyOf(openSearch)).toMatchObject({
      policy: {
        default_state: 'hot',
        states: [
          {
            actions: [{ rollover: { min_size: '50gb', min_index_age: '7d' } }],
            transitions: [{ conditions: { min_rollover_age: '30d' } }],
          },
          { name: 'delete' },
        ],
        ism_template: [{ index_patterns: ['calls'], priority: 100 }],
      },
    });
  });

  it.each([elasticsearch, openSearch])(
    'is known again as ours, and nothing else is: %j',
    (engine) => {
      const { body, readMark } = policyOf(engine, 'calls', options());
      const answer = engine.product === 'opensearch' ? body : { calls: body };

      expect(readMark(answer)).toMatchObject({
        managed_by: 'sluice',
        fingerprint: expect.any(String) as string,
      });
      for (const other of [
        undefined,
        {},
        { calls: { policy: { _meta: { managed_by: 'them' } } } },
        { policy: { description: 'managed_by: sluice' } },
      ])
        expect(readMark(other)).toBeUndefined();
    },
  );
});
