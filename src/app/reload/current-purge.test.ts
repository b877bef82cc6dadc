import { describe, expect, it } from 'vitest';
import { settled } from '../../lib/fake-clock.testing.ts';
import { aborted } from '../../lib/waiting.ts';
import type { Purge } from '../../purge/purge.ts';
import { CurrentPurge } from './current-purge.ts';

/** A loop that ends when it is told to, or, where it has `until`, when that has come. */
const aLoop = (name: string, story: string[], until?: Promise<void>): Purge =>
  ({
    async run(signal: AbortSignal) {
      story.push(`${name} begins`);
      await aborted(signal);
      await until;
      story.push(`${name} ends`);
    },
  }) as unknown as Purge;

describe('The purge loop at work', () => {
  it('gives way to another one when its round has ended, never before', async () => {
    const story: string[] = [];
    let end: () => void = () => undefined;
    const round = new Promise<void>((resolve) => {
      end = resolve;
    });
    const purge = new CurrentPurge(aLoop('the first', story, round));
    const stop = new AbortController();
    const running = purge.run(stop.signal);

    const succession = purge
      .succeed(() => aLoop('the second', story))
      .then(() => story.push('taken over'));
    await settled();
    expect(story).toEqual(['the first begins']);
    end();
    await succession;
    await settled();

    expect(story).toEqual([
      'the first begins',
      'the first ends',
      'the second begins',
      'taken over',
    ]);
    stop.abort();
    await running;
    expect(story.at(-1)).toBe('the second ends');
  });

  it('is not replaced once the service stops, and nobody waits for that', async () => {
    const story: string[] = [];
    const purge = new CurrentPurge(aLoop('the first', story));
    const stop = new AbortController();
    const running = purge.run(stop.signal);
    stop.abort();

    await purge.succeed(() => aLoop('the second', story));
    await running;
    await purge.succeed(() => aLoop('the third', story));

    expect(story).toEqual(['the first begins', 'the first ends']);
  });
});
