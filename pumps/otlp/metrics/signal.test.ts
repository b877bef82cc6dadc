import { describe, expect, it } from 'vitest';
import { Batch, ByteWriter } from '#pump';
import {
  aBatch,
  aContext,
  anEntry,
  aWeighedEntry,
  FakeClock,
  outcomesOf,
  type RecordOverrides,
} from '#pump/testing';
import { attributesOf, decodeMetrics, metricsIn, type SentPoint } from '../decode.testing.ts';
import { envelopeOf } from '../envelope.ts';
import { fixedLabel, labelsOf } from './attributes.ts';
import { Counting } from './counting.ts';
import type { Temporality } from './encode.ts';
import { instrumentsOf, metricNames } from './instruments.ts';
import { metricsSignal } from './signal.ts';

interface Wanted {
  readonly temporality?: Temporality;
  readonly names?: readonly string[];
  readonly labels?: readonly string[];
  readonly most?: number;
  readonly weighs?: boolean;
  readonly scheme?: string;
}

const bounds = [0.005, 0.1, 1];
const duration = 'http.server.request.duration';

function aSignal({
  temporality = 'delta',
  names = [duration],
  labels = ['tyk.api.id'],
  most = 100,
  weighs = false,
  scheme,
}: Wanted = {}) {
  const clock = new FakeClock();
  const context = aContext({ clock });
  const counting = new Counting(
    instrumentsOf(names).map((instrument) => ({ instrument, bounds })),
    {
      labels: labelsOf(labels),
      fixed: scheme === undefined ? [] : [fixedLabel('url.scheme', scheme)],
      ...{ most, weighs },
    },
  );
  const envelope = envelopeOf({ 'service.name': 'gateway' });
  const signal = metricsSignal({ counting, envelope, temporality, clock, log: context.log });
  const writtenOf = (batch: Batch) => {
    const { body, settled } = signal.write(batch, new ByteWriter(32));
    return { body: Buffer.from(body), settled };
  };
  return {
    ...{ clock, context, signal, writtenOf },
    /** What a batch is sent as, once it is known whether it was taken. */
    send: (batch: Batch, isTaken = true): Buffer => {
      const { body, settled } = writtenOf(batch);
      settled(isTaken);
      return body;
    },
    points: (body: Buffer): readonly SentPoint[] => pointsOf(body),
  };
}

const pointsOf = (body: Buffer, name = duration): readonly SentPoint[] =>
  metricsIn(body).find((metric) => metric.name === name)?.histogram.dataPoints ?? [];

const ofApi = (api_id: string, milliseconds: readonly number[]): Batch =>
  aBatch(milliseconds.length, (index) => ({ api_id, request_time: milliseconds[index] ?? 0 }));

describe('a batch of requests', () => {
  it('is a histogram in seconds for each series, whose bounds belong to the bucket below', () => {
    const { send } = aSignal();

    const body = send(ofApi('a', [0, 5, 6, 100, 1_000, 1_001, 90_000]));

    const [metric] = metricsIn(body);
    expect(metric).toMatchObject({ name: duration, unit: 's' });
    expect(metric?.histogram.aggregationTemporality).toBe(1n);
    const [point, ...others] = pointsOf(body);
    expect(others).toEqual([]);
    expect(point).toMatchObject({
      count: 7n,
      bucketCounts: [2n, 2n, 1n, 2n],
      explicitBounds: bounds,
    });
    expect(point?.sum).toBeCloseTo(92.112);
    expect(attributesOf(point?.attributes)).toEqual({ 'tyk.api.id': 'a' });
    expect(attributesOf(decodeMetrics(body).resourceMetrics?.[0]?.resource.attributes)).toEqual({
      'service.name': 'gateway',
    });
  });

  it('has the attributes that are wanted, and none that is empty', () => {
    const labels = [
      ...['http.request.method', 'http.response.status_code', 'http.route', 'error.type'],
      ...['server.address', 'tyk.api.name', 'tyk.listen_path', 'tyk.api.version'],
    ];
    const { send } = aSignal({ labels, scheme: 'https' });
    const of = (more: RecordOverrides) =>
      attributesOf(pointsOf(send(aBatch(1, more)))[0]?.attributes);

    const pets = { host: 'x:80', api_name: 'pets', listen_path: '/l', api_version: 'v2' };
    expect(of({ method: 'get', response_code: 200, ...pets })).toEqual({
      'url.scheme': 'https',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': 'x',
      'tyk.api.name': 'pets',
      'tyk.api.version': 'v2',
      'tyk.listen_path': '/l',
    });
    expect(of({ method: 'BREW', response_code: 502 })).toMatchObject({
      'http.request.method': '_OTHER',
      'http.response.status_code': 502,
      'error.type': '502',
    });
  });

  it('keeps series apart whose values only look alike when they stand side by side', () => {
    const { send } = aSignal({ labels: ['tyk.api.id', 'tyk.api.name'] });

    const body = send(
      aBatch(
        3,
        (index) =>
          [
            { api_id: 'a', api_name: 'bc' },
            { api_id: 'ab', api_name: 'c' },
            { api_id: '', api_name: 'abc' },
          ][index] ?? {},
      ),
    );

    expect(pointsOf(body).map(({ attributes }) => attributesOf(attributes))).toEqual([
      { 'tyk.api.id': 'a', 'tyk.api.name': 'bc' },
      { 'tyk.api.id': 'ab', 'tyk.api.name': 'c' },
      { 'tyk.api.name': 'abc' },
    ]);
  });

  it('is counted by each metric that is wanted, where a record knows the value', () => {
    const { send } = aSignal({ names: metricNames });

    const body = send(
      aBatch(2, (index) => ({
        latency: { total: 12, upstream: 10, gateway: 2 },
        content_length: index === 0 ? -1 : 0.5 * 2,
      })),
    );

    const sums = metricNames.map((name) => pointsOf(body, name)[0]);
    expect(sums.map((point) => point?.count)).toEqual([2n, 2n, 2n, 1n]);
    expect(sums.map((point) => point?.sum)).toEqual([0.024, 0.02, 0.004, 1]);
  });
});

describe('the number of series', () => {
  it('has a limit, behind which all are one, which says so', () => {
    const { send, context } = aSignal({ most: 3 });
    const many = aBatch(10, (index) => ({ api_id: `api-${index}`, request_time: 10 }));

    const counted = (body: Buffer) =>
      pointsOf(body).map(({ count, attributes }) => [attributesOf(attributes), count]);

    const expected = [
      [{ 'tyk.api.id': 'api-0' }, 1n],
      [{ 'tyk.api.id': 'api-1' }, 1n],
      [{ 'otel.metric.overflow': true }, 8n],
    ];
    expect(counted(send(many))).toEqual(expected);
    expect(counted(send(many))).toEqual(expected);
    expect(context.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

describe('what was counted before', () => {
  it('is in no further point of a delta, and each begins where the last that was taken ended', async () => {
    const { send, clock } = aSignal();
    await clock.advance(1_000);
    const [first] = pointsOf(send(ofApi('a', [3, 3])));
    await clock.advance(1_000);
    const [lost] = pointsOf(send(ofApi('a', [3]), false));
    await clock.advance(1_000);
    const [again] = pointsOf(send(ofApi('a', [3, 3, 3])));

    expect([first?.count, lost?.count, again?.count]).toEqual([2n, 1n, 3n]);
    expect(lost?.startTimeUnixNano).toBe(first?.timeUnixNano);
    expect(again?.startTimeUnixNano).toBe(first?.timeUnixNano);
    expect(again?.timeUnixNano).toBe((first?.timeUnixNano ?? 0n) + 2_000_000_000n);
  });

  it('is in each further point of a cumulative series, from one start', async () => {
    const { send, clock } = aSignal({ temporality: 'cumulative' });
    const points: (SentPoint | undefined)[] = [];
    for (const times of [[3, 3], [200], [3]]) {
      await clock.advance(1_000);
      points.push(pointsOf(send(ofApi('a', times)))[0]);
    }

    expect(points.map((point) => point?.count)).toEqual([2n, 3n, 4n]);
    expect(points.at(-1)).toMatchObject({ bucketCounts: [3n, 0n, 1n, 0n] });
    expect(points.at(-1)?.sum).toBeCloseTo(0.209);
    expect(new Set(points.map((point) => point?.startTimeUnixNano)).size).toBe(1);
  });

  it('is forgotten where nobody knows whether a cumulative point was taken: the series begin anew', async () => {
    const { send, clock } = aSignal({ temporality: 'cumulative' });
    await clock.advance(1_000);
    send(ofApi('a', [3, 3]));
    await clock.advance(1_000);
    const [lost] = pointsOf(send(ofApi('a', [3]), false));
    await clock.advance(1_000);
    const [again] = pointsOf(send(ofApi('a', [3])));

    expect([lost?.count, again?.count]).toEqual([3n, 1n]);
    expect(again?.startTimeUnixNano).toBe(lost?.timeUnixNano);
  });

  it('never lets a point end where it began, also when the clock stands still', () => {
    const { send } = aSignal();
    const points = [1, 2].map(() => pointsOf(send(ofApi('a', [3])))[0]);

    for (const point of points)
      expect(point?.timeUnixNano).toBeGreaterThan(point?.startTimeUnixNano ?? 0n);
    expect(points[1]?.startTimeUnixNano).toBe(points[0]?.timeUnixNano);
  });
});

describe('a sample', () => {
  const weighed = Batch.of([
    aWeighedEntry(2.5, { api_id: 'a', request_time: 3 }),
    anEntry({ api_id: 'a', request_time: 3 }),
  ]);

  it('counts as what it is where nothing else is wanted', () => {
    expect(pointsOf(aSignal().send(weighed))[0]).toMatchObject({ count: 2n });
  });

  it.each(['delta', 'cumulative'] as const)(
    'counts as what it stands for where that is wanted, and loses nothing by rounding (%s)',
    (temporality) => {
      const { send } = aSignal({ temporality, weighs: true });

      const counts = [1, 2, 3, 4].map(() => Number(pointsOf(send(weighed))[0]?.count));

      const total = temporality === 'delta' ? counts.reduce((a, b) => a + b) : counts.at(-1);
      expect(total).toBe(14);
    },
  );
});

it('a receiver that refused some of the points has records that are not counted: they are rejected', () => {
  const { signal } = aSignal();

  const delivery = signal.refused(aBatch(3), 1);

  expect(outcomesOf(delivery.verdicts)).toEqual(['reject', 'reject', 'reject']);
  // Believed, and not halved: a repeat would count twice what was taken.
  expect(delivery.ofRequest).toBeUndefined();
});
