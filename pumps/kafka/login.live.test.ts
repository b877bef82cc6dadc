import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '#pump';
import { aBatch, failureOf, outcomesOf } from '#pump/testing';
import {
  accountOf,
  aLiveBroker,
  aName,
  delivered,
  idsOf,
  obstacle,
  openSink,
  signal,
} from './live.testing.ts';

describe.skipIf(obstacle !== undefined)('a broker', () => {
  const live = aLiveBroker({ settings: { 'connections.max.reauth.ms': '1500' } });

  const account = () => accountOf(live.broker().login);
  const byToken = () => ({ broker: [live.broker().sasl], sasl_mechanism: 'oauthbearer' });
  const trusted = () => ({ use_ssl: true, ssl_ca_file: live.broker().certificates.caFile });
  const certified = () => ({
    ...trusted(),
    ssl_cert_file: live.broker().certificates.certFile,
    ssl_key_file: live.broker().certificates.keyFile,
  });

  it.each<[string, () => object]>([
    ['PLAIN', () => ({ broker: [live.broker().sasl], sasl_mechanism: 'plain', ...account() })],
    [
      'SCRAM-SHA-256',
      () => ({ broker: [live.broker().sasl], sasl_mechanism: 'scram', ...account() }),
    ],
    [
      'SCRAM-SHA-512',
      () => ({
        ...{ broker: [live.broker().sasl], sasl_mechanism: 'SCRAM', sasl_algorithm: 'sha-512' },
        ...account(),
      }),
    ],
    ['TLS', () => ({ broker: [live.broker().tls], ...trusted() })],
    [
      'TLS to whoever answers',
      () => ({ broker: [live.broker().tls], use_ssl: true, ssl_insecure_skip_verify: true }),
    ],
    ['a client certificate', () => ({ broker: [live.broker().mutualTls], ...certified() })],
    [
      'TLS and SCRAM-SHA-512',
      () => ({
        ...{ broker: [live.broker().saslTls], sasl_mechanism: 'scram', sasl_algorithm: 'SHA-512' },
        ...trusted(),
        ...account(),
      }),
    ],
    ['OAUTHBEARER', () => ({ ...byToken(), sasl_oauth_token: aToken() })],
    [
      'OAUTHBEARER, by kafkajs',
      () => ({ ...byToken(), sasl_oauth_token: aToken(), client: 'kafkajs' }),
    ],
    [
      'TLS and SCRAM-SHA-512, by kafkajs',
      () => ({
        ...{ broker: [live.broker().saslTls], sasl_mechanism: 'scram', sasl_algorithm: 'SHA-512' },
        ...{ ...trusted(), ...account(), client: 'kafkajs' },
      }),
    ],
    [
      'a client certificate, by kafkajs',
      () => ({ broker: [live.broker().mutualTls], ...certified(), client: 'kafkajs' }),
    ],
    [
      'a second broker, by kafkajs',
      () => ({ broker: ['127.0.0.1:1', live.broker().plaintext], client: 'kafkajs' }),
    ],
    [
      'a second broker, when the first one is not there',
      () => ({ broker: ['127.0.0.1:1', live.broker().plaintext] }),
    ],
  ])('delivers over %s', async (_, meta) => {
    const topic = await live.aTopic();
    const sink = await openSink({ ...meta(), topic: topic.name });

    const { verdicts } = await sink.deliver(aBatch(1), signal());
    const health = await sink.check(signal());
    await sink.close(signal());

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
    expect(health).toEqual({ state: 'up' });
  });

  it.each<[string, string, () => object]>([
    [
      'a wrong password',
      'unauthorised',
      () => ({
        ...{ broker: [live.broker().sasl], sasl_mechanism: 'plain' },
        ...{ sasl_username: 'tester', sasl_password: 'live-wrong' },
      }),
    ],
    [
      'a wrong password, with SCRAM',
      'unauthorised',
      () => ({
        ...{ broker: [live.broker().sasl], sasl_mechanism: 'scram' },
        ...{ sasl_username: 'tester', sasl_password: 'live-wrong' },
      }),
    ],
    [
      'a token that is refused',
      'unauthorised',
      () => ({ ...byToken(), sasl_oauth_token: 'live-wrong' }),
    ],
    [
      'a token that is refused, by kafkajs',
      'unauthorised',
      () => ({ ...byToken(), sasl_oauth_token: 'live-wrong', client: 'kafkajs' }),
    ],
    [
      'a wrong password, by kafkajs',
      'unauthorised',
      () => ({
        ...{ broker: [live.broker().sasl], sasl_mechanism: 'scram', client: 'kafkajs' },
        ...{ sasl_username: 'tester', sasl_password: 'live-wrong' },
      }),
    ],
    [
      'an authority that is not trusted',
      'unreachable',
      () => ({ broker: [live.broker().tls], use_ssl: true }),
    ],
    [
      'no client certificate where one is needed',
      'unreachable',
      () => ({ broker: [live.broker().mutualTls], ...trusted() }),
    ],
    ['no login where one is needed', 'unreachable', () => ({ broker: [live.broker().sasl] })],
  ])('keeps the records with %s', async (_, kind, meta) => {
    const sink = await openSink({ ...meta(), topic: aName() });

    const { verdicts } = await sink.deliver(aBatch(2), signal());
    const health = await sink.check(signal());
    await sink.close(signal());

    expect(outcomesOf(verdicts)).toEqual(['retry', 'retry']);
    expect(failureOf(verdicts[0]).kind).toBe(kind);
    expect(health.state).toBe('down');
    expect(JSON.stringify([verdicts, health])).not.toContain('live-wrong');
  });

  it.each(['plain', 'scram'])('logs in again before %s runs out', async (mechanism) => {
    const topic = await live.aTopic();
    const sink = await openSink({
      ...{ broker: [live.broker().sasl], topic: topic.name, sasl_mechanism: mechanism },
      ...account(),
    });
    const batches = Array.from({ length: 12 }, () => aBatch(2));

    const verdicts: Verdict[] = [];
    for (const batch of batches) {
      verdicts.push(...(await sink.deliver(batch, signal())).verdicts);
      await delay(300);
    }
    await sink.close(signal());

    expect(outcomesOf(verdicts)).toEqual(batches.flatMap(() => delivered(2)));
    expect(await topic.ids()).toEqual(idsOf(...batches));
  });
});

/** As a broker takes it that is only tested: nobody has signed it. */
function aToken(): string {
  const now = Math.floor(Date.now() / 1_000);
  return [{ alg: 'none' }, { sub: 'tester', iat: now, exp: now + 3_600 }]
    .map((part) => `${Buffer.from(JSON.stringify(part)).toString('base64url')}.`)
    .join('');
}
