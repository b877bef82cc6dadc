import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { readJsonTemplate } from './json-template.ts';

const write = (template: string, record: RecordOverrides = {}): string => writer(template)(record);

function writer(template: string): (record: RecordOverrides) => string {
  const parsed = readJsonTemplate(template);
  if (!parsed.ok) throw new Error(`${parsed.problem.at}: ${parsed.problem.found}`);
  return (record) => {
    const out = new ByteWriter();
    parsed.value(anEntry(record), out);
    return out.view().toString('utf8');
  };
}

/** As a record holds it: what is no character is U+FFFD. */
const inUtf8 = (text: string): string => Buffer.from(text).toString();

function problemOf(template: string) {
  const parsed = readJsonTemplate(template);
  return parsed.ok ? undefined : parsed.problem;
}

describe('a body with fields', () => {
  it('has them within texts, and as whole values', () => {
    const template =
      '{ "{{api_id}}": "{{method}} {{path}}", "code": {{response_code}}, "tags": {{tags}}, "path": {{path}} }';

    expect(write(template, { api_id: 'a"b', path: '/x', tags: ['t'] })).toBe(
      '{"a\\"b":"GET /x","code":200,"tags":["t"],"path":"/x"}',
    );
  });

  it('has the whole record, its id and its time', () => {
    const text = write(
      '[{{record}},"{{record}}",{{record_id}},{{timestamp_ms}},{{timestamp_ns}},"{{timestamp}}"]',
      { path: '/"x"', timestamp: { seconds: 1_710_109_320, nanos: 117_004_711 } },
    );
    const [record, quoted, id, ms, ns, time] = JSON.parse(text) as readonly unknown[];

    expect(record).toMatchObject({ method: 'GET', path: '/"x"', latency: { total: 12 } });
    expect(JSON.parse(String(quoted))).toEqual(record);
    expect(id).toMatch(/^[\w-]+:0$/);
    expect([ms, time]).toEqual([1_710_109_320_117, '2024-03-10T22:22:00.117004711Z']);
    expect(text).toContain('1710109320117004711');
    expect(String(ns)).toMatch(/^17101/);
  });

  it('has what stands for an empty value', () => {
    expect(write('["{{oauth_id|no \\"one\\"}}",{{oauth_id|none}},{{tags|-}},{{api_id|-}}]')).toBe(
      '["no \\\\\\"one\\\\\\"","none","-","api-pets"]',
    );
  });

  it('is on one line, however it was written', () => {
    expect(
      write('{\n  "a" : [ 1 , -2.5e3 , true ] ,\r\n\t"b" : { } , "c c" : "d \\n e" \n}\n'),
    ).toBe('{"a":[1,-2.5e3,true],"b":{},"c c":"d \\n e"}');
  });

  it('keeps every value in its place, whatever it is', () => {
    const text = fc.string({ unit: 'binary' });
    const render = writer('{"one":"<{{path}}>","two":{{api_id}},"three":3}');
    fc.assert(
      fc.property(text, text, (path, api_id) => {
        const written = render({ path, api_id });

        expect(JSON.parse(written)).toEqual({
          one: `<${inUtf8(path)}>`,
          two: inUtf8(api_id),
          three: 3,
        });
      }),
    );
  });

  it.each([
    ['', 1, 'the end'],
    ['{"a": }', 7, '"}"'],
    ['{"a": 1,}', 9, '"}"'],
    ['{a: 1}', 2, '"a"'],
    ['{"a" 1}', 6, '"1"'],
    ['[1 2]', 4, '"2"'],
    ['[01]', 2, '"0"'],
    ['[1', 3, 'the end'],
    ['["a', 4, 'the end'],
    ['["a\nb"]', 4, '"\\n"'],
    ['["\\x"]', 3, 'a "\\" that escapes nothing'],
    ['{} {}', 4, 'more behind the value'],
    ['{"a": {{nope}}}', 9, 'a field that no record has'],
    ['{"a": "{{path"}', 8, 'a "{{" without its "}}"'],
    ['{"a": {{path}}x}', 15, '"x"'],
    ['['.repeat(101), 101, 'more than 100 levels'],
  ])('is refused at its character: %s', (template, at, found) => {
    expect(problemOf(template)).toMatchObject({ at, found });
  });
});
