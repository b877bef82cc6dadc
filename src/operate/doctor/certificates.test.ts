import { describe, expect, it } from 'vitest';
import type { OptionValue } from '../../config/options/option-value.ts';
import { Secret } from '../../lib/secret.ts';
import { serversOf } from './certificates.ts';

const options = (given: Readonly<Record<string, unknown>>): readonly OptionValue[] =>
  Object.entries(given).map(([name, value]) => ({
    ...{ key: `pumps.x.meta.${name}`, value, by: { kind: 'nobody' } },
    option: {} as OptionValue['option'],
  }));
const at = (host: string, port: number) => ({ host, port });

describe('serversOf', () => {
  it.each([
    [{ url: 'https://a.example/x' }, [at('a.example', 443)]],
    [{ url: 'http://a.example/x', note: 'see https' }, []],
    [{ url: new Secret('https://u:p@a.example:8443') }, [at('a.example', 8443)]],
    [{ a: ['https://a', 'https://b:1'], b: 'https://a' }, [at('a', 443), at('b', 1)]],
    [{ url: 'https://[::1]:9200' }, [at('::1', 9200)]],
    [{ broker: ['k1:9093', 'k2:9093'], use_ssl: true }, [at('k1', 9093), at('k2', 9093)]],
    [{ broker: ['k1:9093'], use_ssl: false }, []],
    [{ mongo_url: new Secret('mongodb://m/db'), mongo_use_ssl: true }, [at('m', 27_017)]],
    [{ mongo_url: 'mongodb://m,n/db', mongo_use_ssl: true }, []],
    [{ url: 'https://' }, []],
  ])('%j', (given, servers) => {
    expect(serversOf(options(given))).toEqual(servers);
  });
});
