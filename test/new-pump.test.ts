import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isPumpType, renamed, withPump } from '../scripts/lib/new-pump.mjs';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const registry = read('pumps/index.ts');

describe('a new pump', () => {
  it.each(['http', 'sqs2', 'mongo-graph', 'sql_aggregate'])('may be called %s', (type) => {
    expect(isPumpType(type)).toBe(true);
  });

  it.each(['', 'Http', '2http', '../csv', 'a b', '-a', 'shared', 'template'])(
    'may not be called %j',
    (type) => {
      expect(isPumpType(type)).toBe(false);
    },
  );

  it('has nothing of the template’s name left', () => {
    for (const file of readdirSync(new URL('templates/http-pump', root))) {
      const text = renamed(read(`templates/http-pump/${file}`), 'acme-events');

      expect(text, file).not.toMatch(/template/i);
      expect(renamed(file, 'acme-events'), file).not.toMatch(/template/i);
    }
  });

  it('is a variable, a title and a type', () => {
    const contract = renamed(read('templates/http-pump/template.contract.test.ts'), 'acme-events');
    const index = renamed(read('templates/http-pump/index.ts'), 'acme-events');

    expect(contract).toContain("import acmeEvents from './index.ts'");
    expect(contract).toContain('aPreparedPump(acmeEvents, {');
    expect(index).toContain("type: 'acme-events',");
    expect(index).toContain("title: 'Acme Events Pump',");
  });

  it.each([
    ['aaa', /const pumps.*\n {2}aaa: \(\) => import\('\.\/aaa\/index\.ts'\),\n {2}c\w+:/],
    ['gauges', /\n {2}elasticsearch:.*\n(?: {2}file:.*\n)? {2}gauges:.*\n {2}har:/],
    ['kafka-rest', /\n {2}kafka:.*\n {2}'kafka-rest': .*\n {2}model:/],
    ['zzz', /\n {2}'uptime-sql':.*\n {2}zzz:.*\n};/],
  ])('of the type %s stands in the registry', (type, place) => {
    expect(withPump(registry, type)).toMatch(place);
  });
});
