import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { frameOf } from './frame.ts';

const line = (fieldName: string): string => {
  const { before, after } = frameOf(fieldName, millis(Date.UTC(2024, 0, 5, 7, 8, 9, 987)));
  return `${before}{}${after}`;
};

describe('the line around a record', () => {
  it.each([
    [
      'tyk-analytics-record',
      '{"level":"info","msg":"","time":"2024-01-05T07:08:09Z","tyk-analytics-record":{}}\n',
    ],
    ['record', '{"level":"info","msg":"","record":{},"time":"2024-01-05T07:08:09Z"}\n'],
    ['a', '{"a":{},"level":"info","msg":"","time":"2024-01-05T07:08:09Z"}\n'],
    ['msg', '{"fields.msg":{},"level":"info","msg":"","time":"2024-01-05T07:08:09Z"}\n'],
    ['<é"', '{"\\u003cé\\"":{},"level":"info","msg":"","time":"2024-01-05T07:08:09Z"}\n'],
  ])('sorts its keys with the field %j among them', (fieldName, expected) => {
    expect(line(fieldName)).toBe(expected);
  });
});
