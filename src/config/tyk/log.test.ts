import { describe, expect, test } from 'vitest';
import { aFile, load } from '../testing.ts';

describe('the log', () => {
  test.each<[Record<string, unknown>, Record<string, string>, string, string]>([
    [{}, {}, 'info', 'text'],
    [{ log_level: 'DEBUG', log_format: 'json' }, {}, 'debug', 'json'],
    [{ log_level: '', log_format: '' }, {}, 'info', 'text'],
    [{ log_level: 'debug' }, { TYK_LOGLEVEL: 'warn', TYK_LOGFORMAT: 'legacy' }, 'warn', 'legacy'],
    [{ log_level: 'debug' }, { TYK_LOGLEVEL: 'anything' }, 'info', 'text'],
    [{ log_level: 'not checked' }, { TYK_LOGLEVEL: 'error' }, 'error', 'text'],
    [{}, { TYK_PMP_LOGLEVEL: 'error', TYK_PMP_LOGFORMAT: 'json' }, 'error', 'json'],
    [{ log_format: 'xml' }, {}, 'info', 'text'],
  ])('file %j and variables %j give %s, %s', async (file, env, level, format) => {
    expect((await load({ file: aFile(file), env })).config?.log).toEqual({ level, format });
  });

  test('an unknown format is a warning', async () => {
    expect((await load({ file: aFile(), env: { TYK_LOGFORMAT: 'xml' } })).warnings).toEqual([
      expect.stringContaining('environment: TYK_LOGFORMAT'),
    ]);
  });
});
