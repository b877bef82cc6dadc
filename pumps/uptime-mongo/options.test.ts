import { describe, expect, it } from 'vitest';
import uptime from './index.ts';

const prepare = (raw: object, env: Readonly<Record<string, string>> = {}) => {
  const source = { raw, source: 'pump.conf', key: 'uptime_pump_config' };
  return uptime.prepare({ ...source, env, envPrefix: 'TYK_PMP_UPTIMEPUMPCONFIG' });
};

const mongo_url = 'mongodb://localhost/tyk';

describe('the options of uptime records in MongoDB', () => {
  it('need nothing but an address', () => {
    const { pump, problems, notes } = prepare({ mongo_url });

    expect(pump).toMatchObject({ records: 'uptime', guarantee: 'effectively-once' });
    expect([problems, notes]).toEqual([[], []]);
    expect(prepare({}).problems).toMatchObject([{ key: 'uptime_pump_config.mongo_url' }]);
  });

  it('may name another collection, which is none of theirs, with a note', () => {
    const { problems, notes } = prepare({ mongo_url, collection_name: 'tyk_analytics' });

    expect(problems).toEqual([]);
    expect(notes).toMatchObject([
      {
        key: 'uptime_pump_config.collection_name',
        text: expect.stringContaining('tyk_uptime_analytics') as string,
      },
    ]);
  });

  it('are read from variables, also from those of old', () => {
    expect(prepare({}, { TYK_PMP_UPTIMEPUMPCONFIG_MONGOURL: mongo_url }).problems).toEqual([]);
    expect(prepare({}, { PMP_MONGO_MONGOURL: mongo_url }).problems).toMatchObject([
      { key: 'PMP_MONGO_MONGOURL', severity: 'warning' },
    ]);
  });
});
