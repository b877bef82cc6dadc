import { describe, expect, it } from 'vitest';
import { memoryLog } from '../../test/services/memory-log.ts';
import { CountingMetrics } from '../lib/metrics.testing.ts';
import { countUnknown, sayUnknown, type UnknownField } from './unknown-fields.ts';

describe('fields that are not known', () => {
  it('are counted by name, and told once', () => {
    const metrics = new CountingMetrics();
    const told: UnknownField[] = [];
    const hear = countUnknown(metrics, (field) => told.push(field));
    for (let at = 0; at < 3; at++) hear('msgpack', ['A', 'B']);
    hear('protobuf', ['A']);
    expect(told.map(({ encoding, name }) => `${encoding} ${name}`)).toEqual([
      ...['msgpack A', 'msgpack B', 'protobuf A'],
    ]);
    expect(metrics.of('sluice_unknown_fields_total', 'msgpack', 'A')).toBe(3);
    expect(metrics.of('sluice_unknown_fields_total', 'protobuf', 'A')).toBe(1);
  });

  it('are bounded in number, whoever invents them', () => {
    const metrics = new CountingMetrics();
    const told: UnknownField[] = [];
    const hear = countUnknown(metrics, (field) => told.push(field));
    for (let at = 0; at < 1000; at++) hear('msgpack', [`Field${at}`]);
    hear('msgpack', ['Field0']);
    expect(told).toHaveLength(33);
    expect(told.at(-1)?.name).toBe('others');
    expect(metrics.totals.size).toBe(33);
    expect(metrics.of('sluice_unknown_fields_total', 'msgpack', 'others')).toBe(968);
    expect(metrics.of('sluice_unknown_fields_total', 'msgpack', 'Field0')).toBe(2);
  });

  it('are one line of the log each, whichever threads met them', () => {
    const log = memoryLog();
    const say = sayUnknown(log);
    for (let thread = 0; thread < 3; thread++) say({ encoding: 'msgpack', name: 'A' });
    say({ encoding: 'protobuf', name: '#36' });
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { encoding: 'msgpack', field: 'A' },
      { encoding: 'protobuf', field: '#36' },
    ]);
  });
});
