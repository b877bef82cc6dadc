import { describe, expect, it } from 'vitest';
import { readNoProxy } from './no-proxy.ts';

describe('no_proxy', () => {
  it.each<[entry: string, host: string, port: number, isDirect: boolean]>([
    ['example.com', 'example.com', 443, true],
    ['example.com', 'EXAMPLE.com.', 443, true],
    ['example.com', 'a.b.example.com', 443, true],
    ['example.com', 'badexample.com', 443, false],
    ['.example.com', 'a.example.com', 80, true],
    ['.example.com', 'example.com', 80, false],
    ['*.example.com', 'a.example.com', 80, true],
    ['*.example.com', 'example.com', 80, false],
    ['example.com:8080', 'example.com', 8080, true],
    ['example.com:8080', 'a.example.com', 8080, true],
    ['example.com:8080', 'example.com', 80, false],
    ['localhost', 'localhost', 1, true],
    ['127.0.0.1', '127.0.0.1', 1, true],
    ['127.0.0.1', '127.0.0.2', 1, false],
    ['127.0.0.1:80', '127.0.0.1', 81, false],
    ['10.0.0.0/8', '10.9.8.7', 1, true],
    ['10.0.0.0/8', '11.9.8.7', 1, false],
    // A name is not resolved for this.
    ['10.0.0.0/8', 'ten.example', 1, false],
    ['fd00::/8', '[fd12::1]', 1, true],
    ['::1', '::1', 1, true],
    ['[::1]:80', '::1', 80, true],
    ['[::1]:80', '::1', 81, false],
    [' example.com ', 'example.com', 1, true],
    ['*', 'anybody.example', 1, true],
  ])('%j and %s:%d: %s', (entry, host, port, isDirect) => {
    const { list, problems } = readNoProxy(['other.example', entry]);
    expect(problems).toEqual([]);
    expect(list.includes(host, port)).toBe(isDirect);
  });

  it('names every entry that is none', () => {
    const wrong = ['', 'a b', '10.0.0.0/33', 'a:0', 'a:b', '.10.0.0.1', 'http://a', 'a*b'];
    const { problems } = readNoProxy(['good.example', ...wrong]);
    expect(problems.map(({ at }) => at)).toEqual(wrong.map((_, at) => at + 1));
  });
});
