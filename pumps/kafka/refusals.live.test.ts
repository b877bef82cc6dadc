import { describe, expect, it } from 'vitest';
import { aBatch, failureOf, outcomesOf } from '#pump/testing';
import { accountOf, aLiveBroker, aName, obstacle, openSink, signal } from './live.testing.ts';
import { Topic } from './topic.testing.ts';

describe.skipIf(obstacle !== undefined)('a broker that allows little', () => {
  const live = aLiveBroker({
    settings: {
      'auto.create.topics.enable': 'false',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Who comes without a login; the account of the login has no right at all.
      'super.users': 'User:ANONYMOUS',
    },
  });

  it('waits for a topic that nobody makes, and says so', async () => {
    const name = aName();
    const sink = await openSink(live.plainMeta(name));
    const batch = aBatch(2);

    const { verdicts: before } = await sink.deliver(batch, signal());
    const health = await sink.check(signal());
    const topic = await Topic.create(live.broker().plaintext, name);
    const { verdicts: after } = await sink.deliver(batch, signal());
    await sink.close(signal());
    await topic.close();

    expect(outcomesOf(before)).toEqual(['retry', 'retry']);
    expect(failureOf(before[0]).message).toMatch(/^UNKNOWN_TOPIC_OR_PARTITION/);
    expect(health.state === 'down' && health.reason).toMatch(/^UNKNOWN_TOPIC_OR_PARTITION/);
    expect(outcomesOf(after)).toEqual(['delivered', 'delivered']);
  });

  it('waits for the right to write, and says so', async () => {
    const topic = await Topic.create(live.broker().plaintext, aName());
    const sink = await openSink({
      ...{ broker: [live.broker().sasl], topic: topic.name, sasl_mechanism: 'plain' },
      ...accountOf(live.broker().login),
    });
    const batch = aBatch(2);

    const { verdicts: before } = await sink.deliver(batch, signal());
    const health = await sink.check(signal());
    await topic.allowAll(live.broker().login.username);
    const { verdicts: after } = await sink.deliver(batch, signal());
    await sink.close(signal());
    await topic.close();

    expect(outcomesOf(before)).toEqual(['retry', 'retry']);
    expect(failureOf(before[0]).kind).toBe('unauthorised');
    expect(health.state === 'down' && health.reason).toMatch(/AUTHORIZATION_FAILED/);
    expect(outcomesOf(after)).toEqual(['delivered', 'delivered']);
  });
});
