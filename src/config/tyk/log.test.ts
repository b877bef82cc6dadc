import { describe, expect, test } from 'vitest';
import { aFile, load } from '../testing.ts';

describe('the log', () => {
  test.each<[Record<string, unknown>, Record<string, string>, string, string]>([
    [{}, {}, 'info', 'text'],
    [{ log_level: 'DEBUG', log_format: 'json' }, {}, 'debug', 'json'],
    [{ log_level: '', log_format: '' }, {}, 'info', 'text'],
    [{ log_level: 'debug' }, { TYK_LOGLEVEL: 'warn', TYK_LOGFORMAT: 'legacy' }, 'warn', 'legacy'],
    [{ log_level: 'warn' }, { TYK_LOGLEVEL: 'ERROR' }, 'error', 'text'],
    [{}, { TYK_PMP_LOGLEVEL: 'error', TYK_PMP_LOGFORMAT: 'json' }, 'error', 'json'],
  ])('file %j and variables %j give %s, %s', async (file, env, level, format) => {
    expect((await load({ file: aFile(file), env })).config?.log).toEqual({ level, format });
  });

  test('an unknown level or format is an error, also where another one wins', async () => {
    const env = { TYK_LOGFORMAT: 'xml', TYK_LOGLEVEL: 'warn' };
    expect((await load({ file: aFile({ log_level: 'loud' }), env })).errors).toEqual([
      'pump.conf: log_level: found text, expected one of "error", "warn", "info", "debug"',
      'environment: TYK_LOGFORMAT: found text, expected one of "text", "json", "legacy"',
    ]);
  });
});
