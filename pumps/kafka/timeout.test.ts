import { describe, expect, it } from 'vitest';
import kafka from './index.ts';
import { timeout } from './timeout.ts';

describe('a timeout', () => {
  it.each<[unknown, number]>([
    [5, 5_000],
    ['5', 5_000],
    ['1.5', 1_500],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['1m30s', 90_000],
    ['+2s', 2_000],
    ['0', 0],
  ])('of %j is %i ms', (raw, expected) => {
    expect(timeout.read(raw)).toEqual({ ok: true, value: expected });
  });

  it.each([true, null, '', '5 seconds', 'soon', '-', '-2s', '-2', -3, 1.9, Number.NaN])(
    'is never %j',
    (raw) => {
      expect(timeout.read(raw)).toMatchObject({ ok: false });
    },
  );
});

describe('its variable', () => {
  const problemsWith = (env: Readonly<Record<string, string>>, envPrefix: string) =>
    kafka
      .prepare({
        raw: { broker: ['localhost'], topic: 'calls' },
        source: 'test',
        key: 'meta',
        env,
        envPrefix,
      })
      .problems.map(({ found }) => found);

  it.each(['TYK_PMP_PUMPS_KAFKA_META', 'TYK_PMP_PUMPS_OTHER_META'])(
    'has one name, with the prefix %s too',
    (prefix) => {
      const wrong = { TYK_PMP_PUMPS_KAFKA_META_TIMEOUT: 'soon' };
      const right = { TYK_PMP_PUMPS_KAFKA_META_TIMEOUT: '2.5s' };

      expect(problemsWith(wrong, prefix)).toHaveLength(1);
      expect(problemsWith(right, prefix)).toEqual([]);
    },
  );
});
