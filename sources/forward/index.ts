import { defineSource, type Source } from '#source';
import { inspectForward } from './inspect.ts';
import { check } from './options/check.ts';
import { readDatakitConf } from './options/datakit-conf.ts';
import { options } from './options/options.ts';
import { startProxy } from './proxy.ts';
import { settingsOf } from './settings.ts';

export default defineSource({
  type: 'forward',
  title: 'Forward proxy',
  summary:
    'A forward proxy for clients that are told to use one: plain requests, tunnels, and, where their clients trust its authority, what is in the tunnels.',
  options,
  sharesPorts: true,
  check,
  inspect: inspectForward,
  async start(given, context) {
    const path = given.datakit_conf;
    const settings =
      path === ''
        ? [await settingsOf(given)]
        : await Promise.all((await readDatakitConf(path)).map((conf) => settingsOf(given, conf)));
    const started: Source[] = [];
    const stop: Source['stop'] = async (signal) => {
      await Promise.all(started.map((proxy) => proxy.stop(signal)));
    };
    try {
      for (const one of settings) started.push(await startProxy(one, given, context));
    } catch (error) {
      await stop(AbortSignal.abort());
      throw error;
    }
    return { listensAt: started.flatMap(({ listensAt }) => listensAt), stop };
  },
});
