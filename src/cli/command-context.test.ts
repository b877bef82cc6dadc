import { expect, it } from 'vitest';
import { loadOrSay } from './command-context.ts';
import { aConfig, aContext, aLoaded } from './testing.ts';

it('says what a command works on by default, and no other note', async () => {
  const at = { source: 'pump.conf', key: 'analytics_storage_config' };
  const notes = [
    { ...at, text: 'names no Redis', isForAll: true } as const,
    { ...at, text: 'has no effect' },
  ];
  const context = aContext({ load: () => Promise.resolve(aLoaded(aConfig(), { notes })) });

  expect(await loadOrSay('pump.conf', context)).toBeDefined();
  expect(context.err()).toBe('note: pump.conf: analytics_storage_config: names no Redis\n');
});
