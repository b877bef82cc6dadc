import { expect, it } from 'vitest';
import { inWords, troubleOf } from './connect-reasons.ts';

it('says once what is wrong, however often it has been said before', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
    code: 'ECONNREFUSED',
  });
  const once =
    'nothing listens at this address (host, port, addrs): connect ECONNREFUSED 127.0.0.1:1';
  expect(inWords(refused)).toBe(once);
  expect(inWords(new Error(once))).toBe(once);
  expect(troubleOf(new Error(once))).toMatchObject({ needsPerson: false, isUnexplained: false });
});
