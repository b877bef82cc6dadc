import { describe, expect, it } from 'vitest';
import { gaugeText, nameOf, timingText } from './statsd-text.ts';

describe('the text of a metric for StatsD', () => {
  it.each([
    [['', 'record'], 'record'],
    [['tyk', 'PumpRecordsPurge', 'record'], 'tyk.PumpRecordsPurge.record'],
    [['purge_time_Kafka Pump'], 'purge_time_Kafka$Pump'],
    [['a-b_c.9', 'x:y|z@w'], 'a-b_c.9.x$y$z$w'],
    [['é😀\n'], '$$$'],
  ])('of the parts %j has the name %s', (parts, name) => {
    expect(nameOf(parts)).toBe(name);
  });

  it.each([
    [0, '0.00'],
    [0.004, '0.00'],
    [1.5, '1.50'],
    [9.99, '9.99'],
    [10, '10'],
    [10.99, '10'],
    [1234.5, '1234'],
    [-3, '0.00'],
  ])('has the time of %d milliseconds as %s', (time, text) => {
    expect(timingText(time)).toBe(text);
  });

  it.each([
    [0, '0'],
    [0.05, '0.05'],
    [0.099, '0.099'],
    [0.1, '0.10'],
    [123456, '123456.00'],
  ])('has the gauge %d as %s', (value, text) => {
    expect(gaugeText(value)).toBe(text);
  });
});
