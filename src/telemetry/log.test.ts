import { describe, expect, it } from 'vitest';
import { Secret } from '../lib/secret.ts';
import { millis } from '../lib/units.ts';
import { goQuote, goValue } from './go-quote.ts';
import { createLog, type LogLevel, type LogOptions } from './log.ts';
import type { SaidLine } from './said-line.ts';

const at = new Date(2024, 2, 5, 7, 8, 9).getTime();
const zone = (() => {
  const minutes = -new Date(at).getTimezoneOffset();
  const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0');
  const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
  return minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
})();
const time = `2024-03-05T07:08:09${zone}`;

function logTo(format: LogOptions['format'], level: LogOptions['level'] = 'debug') {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const mask = (text: string): string => text.replaceAll('opensesame', '[secret]');
  return {
    lines,
    log: createLog({ level, format, write, mask, clock: { now: () => millis(at) } }),
  };
}

const textOf = (fields: Record<string, unknown>): string => {
  const { log, lines } = logTo('text');
  log.info(fields, '');
  return lines
    .join('')
    .replace(/^time="[^"]*" level=info ?/, '')
    .trimEnd();
};

const jsonOf = (fields: Record<string, unknown>): string => {
  const { log, lines } = logTo('json');
  log.info(fields, 'm');
  return lines.join('').trimEnd();
};

describe('the text format', () => {
  it('has time, level, message, then the fields by name', () => {
    const { log, lines } = logTo('text');
    log.warn({ pump: 'CSV Pump', prefix: 'main', Zone: 1 }, 'Starting purge loop');
    expect(lines).toEqual([
      `time="${time}" level=warning message="Starting purge loop" Zone=1 prefix=main pump="CSV Pump"\n`,
    ]);
  });

  it('leaves the message out where it is empty', () => {
    const { log, lines } = logTo('text');
    log.error({}, '');
    expect(lines).toEqual([`time="${time}" level=error\n`]);
  });

  it('sets fields apart that are named like its own keys', () => {
    expect(textOf({ level: 'x', message: 'y', time: 'z', msg: 'w' })).toBe(
      'fields.level=x fields.message=y msg=w fields.time=z',
    );
  });

  it.each([
    ['a text of harmless characters', 'a-._/@^+Z9', 'k=a-._/@^+Z9'],
    ['any other text', 'a b', 'k="a b"'],
    ['an empty text', '', 'k='],
    ['a number', -1.5, 'k=-1.5'],
    ['a large integer', 12345678901234567890n, 'k=12345678901234567890'],
    ['a boolean', true, 'k=true'],
    ['null', null, 'k="<nil>"'],
    ['nothing', undefined, ''],
    ['an error with its cause', new Error('a', { cause: new Error('b') }), 'k="a: b"'],
    ['a secret', new Secret('hunter2'), 'k="[secret]"'],
    ['an object', { a: [1, '<'] }, String.raw`k="{\"a\":[1,\"\\u003c\"]}"`],
  ])('writes %s', (_, value, expected) => {
    expect(textOf({ k: value })).toBe(expected);
  });

  it('asks a value that knows its own text', () => {
    const record = { toLogText: () => '{ GET /x }', toLogJson: () => '{}' };
    expect(textOf({ 'tyk-analytics-record': record })).toBe('tyk-analytics-record="{ GET /x }"');
  });
});

describe('the legacy format', () => {
  it('says msg and a time without a year', () => {
    const { log, lines } = logTo('legacy');
    log.info({ message: 'm' }, 'Tyk-pump stopped.');
    expect(lines).toEqual([
      'time="Mar 05 07:08:09" level=info msg="Tyk-pump stopped." message=m\n',
    ]);
  });
});

describe('the json format', () => {
  it('has its keys by name', () => {
    expect(jsonOf({ prefix: 'main', alpha: 1 })).toBe(
      `{"alpha":1,"level":"info","message":"m","prefix":"main","time":"${time}"}`,
    );
  });

  it('embeds a value that knows its own JSON, and keeps an empty message', () => {
    const { log, lines } = logTo('json');
    const record = { toLogText: () => '', toLogJson: () => '{"method":"GET"}' };
    log.info({ prefix: 'stdout-pump', 'tyk-analytics-record': record }, '');
    expect(lines).toEqual([
      `{"level":"info","message":"","prefix":"stdout-pump","time":"${time}","tyk-analytics-record":{"method":"GET"}}\n`,
    ]);
  });

  it.each([
    ['markup as Go does', '<a&b>\u2028', String.raw`"\u003ca\u0026b\u003e\u2028"`],
    ['what steers a terminal', 'a\u009b\u202eb\u007f', String.raw`"a\u009b\u202eb\u007f"`],
    ['an error', new Error('a "b"'), String.raw`"a \"b\""`],
    ['a secret', new Secret('hunter2'), '"[secret]"'],
    ['null', null, 'null'],
    ['a number JSON does not have', Number.NaN, '"NaN"'],
    ['a function', () => 1, '"function"'],
  ])('writes %s', (_, value, expected) => {
    expect(jsonOf({ k: value })).toContain(`{"k":${expected},"level"`);
  });
});

describe('the levels', () => {
  it.each([
    ['error', ['error']],
    ['warn', ['error', 'warning']],
    ['info', ['error', 'warning', 'info']],
    ['debug', ['error', 'warning', 'info', 'debug']],
  ] as const)('%s lets through %s', (level, expected) => {
    const { log, lines } = logTo('text', level);
    log.error({}, '');
    log.warn({}, '');
    log.info({}, '');
    log.debug({}, '');
    expect(lines.map((line) => /level=(\w+)/.exec(line)?.[1])).toEqual(expected);
  });
});

describe('a child', () => {
  it('adds its fields to every line, and a line may say otherwise', () => {
    const { log, lines } = logTo('text');
    log.child({ prefix: 'main', pump: 'CSV' }).child({ prefix: 'csv-pump' }).info({ n: 1 }, 'x');
    expect(lines).toEqual([`time="${time}" level=info message=x n=1 prefix=csv-pump pump=CSV\n`]);
  });
});

describe('secrets', () => {
  it.each(['password', 'auth_token', 'clientSecret', 'Authorization', 'api_key', 'AccessKey'])(
    'are masked in a field named %s',
    (key) => {
      expect(textOf({ [key]: 'hunter2' })).toBe(`${key}="[secret]"`);
      expect(jsonOf({ [key]: 'hunter2' })).not.toContain('hunter2');
    },
  );

  it('are masked inside objects', () => {
    expect(jsonOf({ options: { password: 'hunter2', host: 'h' } })).toContain(
      '{"password":"[secret]","host":"h"}',
    );
  });

  it('are masked in addresses', () => {
    const error = new Error('no answer from mongodb://user:hunter2@host/db');
    expect(textOf({ error })).toBe('error="no answer from mongodb://user:[secret]@host/db"');
  });

  it.each([
    'http://user:123/hunter2@host:9200/path',
    'http://user:hun@ter2@host',
    'http://user:hun?ter2#@host',
  ])('are masked in addresses that are not what was meant: %s', (address) => {
    expect(textOf({ error: `no answer from ${address}` })).toMatch(/:\[secret\]@host\S*"$/);
  });

  it('that are configured are masked in every value and in the message, not in names', () => {
    const cause = new Error('opensesame is wrong');
    const fields = { reason: 'said opensesame', error: new Error('no', { cause }), opensesame: 1 };
    for (const format of ['text', 'json', 'legacy'] as const) {
      const { log, lines } = logTo(format);
      log.child({ of: ['opensesame'] }).info({ ...fields, in: { a: 'opensesame' } }, 'opensesame!');
      expect(lines.join('').match(/opensesame/g)).toHaveLength(1);
      expect(lines.join('').match(/\[secret\]/g)).toHaveLength(5);
    }
  });

  it('are left in a record that a pump writes here: that is what it delivers', () => {
    const record = { toLogText: () => 'opensesame', toLogJson: () => '"opensesame"' };
    expect(textOf({ record })).toBe('record=opensesame');
  });

  it('are not seen in names of the reference', () => {
    expect(textOf({ analytic_key: 'analytics-tyk-system-analytics' })).toContain('tyk-system');
  });
});

describe('Go quoting', () => {
  it.each([
    ['plain', '"plain"'],
    ['say "hi"', String.raw`"say \"hi\""`],
    ['back\\slash', String.raw`"back\\slash"`],
    ['\x07\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
    ['\x00\x1b\x7f', String.raw`"\x00\x1b\x7f"`],
    ['\u0080\u00a0\u200b\ufeff', String.raw`"\u0080\u00a0\u200b\ufeff"`],
    ['Grüße 東京 e\u0301 €', '"Grüße 東京 e\u0301 €"'],
    ['😀', '"😀"'],
    ['\u{e0001}', String.raw`"\U000e0001"`],
    ['\ud800', String.raw`"\ufffd"`],
    ['\ufffd', '"\ufffd"'],
  ])('of %j is %s', (text, expected) => {
    expect(goQuote(text)).toBe(expected);
  });

  it('is for texts with other characters than letters, digits and -._/@^+', () => {
    expect(['a', 'a:b', 'ä', 'a=b', ''].map(goValue)).toEqual(['a', '"a:b"', '"ä"', '"a=b"', '']);
  });
});

describe('whoever hears the log', () => {
  const heard = (fields: Record<string, unknown>, message = 'm', level: LogLevel = 'debug') => {
    const lines: SaidLine[] = [];
    const ear = { hear: (line: SaidLine) => lines.push(line) };
    const mask = (text: string): string => text.replaceAll('opensesame', '[secret]');
    const clock = { now: () => millis(at) };
    createLog({ level, format: 'text', write: () => undefined, mask, clock, ear })
      .child({ prefix: 'main' })
      .warn(fields, message);
    return lines;
  };

  it('hears each line as data: numbers stay numbers, everything else is text', () => {
    expect(heard({ count: 2, isGood: true, error: new Error('no'), list: [1] })).toEqual([
      {
        ...{ at, level: 'warning', message: 'm' },
        fields: { count: 2, isGood: true, error: 'no', list: '[1]', prefix: 'main' },
      },
    ]);
  });

  it('hears no secret', () => {
    const token = new Secret('hidden');
    const said = {
      url: 'http://u:p@x',
      a: 'opensesame',
      password: 'x',
      passwd: 4711,
      token,
      deep: { token },
    };
    const text = JSON.stringify(heard(said, 'opensesame'));

    expect(text).not.toMatch(/opensesame|hidden|:p@|"x"|4711/);
    expect(text.match(/\[secret\]/g)).toHaveLength(7);
  });

  it('hears no record that a pump writes to the log', () => {
    const record = { toLogText: () => 'record', toLogJson: () => '{}' };

    expect(heard({ record })).toEqual([]);
  });

  it('hears nothing below the level', () => {
    expect(heard({}, 'm', 'error')).toEqual([]);
  });
});
