/** What a Collector wrote of what it was told, in plain words. */

type Value = string | number | boolean | undefined;

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
}
interface Attribute {
  readonly key: string;
  readonly value: AnyValue;
}
interface Point {
  readonly attributes?: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit?: string;
  readonly sum?: {
    readonly isMonotonic: boolean;
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly Point[];
  };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
  readonly histogram?: {
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly Point[];
  };
}
interface Resource {
  readonly resource: { readonly attributes: readonly Attribute[] };
}
interface Received {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  })[];
  readonly resourceSpans?: readonly (Resource & {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly Attribute[];
        readonly status: { readonly code?: number; readonly message?: string };
      }[];
    }[];
  })[];
  readonly resourceLogs?: readonly (Resource & {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly body: AnyValue;
        readonly severityText: string;
        readonly attributes?: readonly Attribute[];
      }[];
    }[];
  })[];
}

export interface Span {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  /** Of a status that is an error. */
  readonly error: string | undefined;
}

interface Line {
  readonly body: Value;
  readonly severity: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface Told {
  /** Of each export, one after the other. */
  readonly exports: readonly (readonly Metric[])[];
  readonly spans: readonly Span[];
  readonly lines: readonly Line[];
  readonly resources: readonly Readonly<Record<string, Value>>[];
}

export function readTelemetry(received: readonly unknown[]): Told {
  const all = received as readonly Received[];
  const metrics = all.flatMap(({ resourceMetrics = [] }) => resourceMetrics);
  const spans = all.flatMap(({ resourceSpans = [] }) => resourceSpans);
  const logs = all.flatMap(({ resourceLogs = [] }) => resourceLogs);
  return {
    exports: metrics.map(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics)),
    spans: spans
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans))
      .map(({ traceId, spanId, parentSpanId = '', status, ...span }) => ({
        ...{ trace: traceId, id: spanId, parent: parentSpanId, name: span.name },
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: valuesOf(span.attributes),
        error: status.code === 2 ? (status.message ?? '') : undefined,
      })),
    lines: logs
      .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
      .map(({ body, severityText, attributes }) => ({
        body: valueOf(body),
        severity: severityText,
        attributes: valuesOf(attributes),
      })),
    resources: [...metrics, ...spans, ...logs].map(({ resource }) => valuesOf(resource.attributes)),
  };
}

const valuesOf = (attributes: readonly Attribute[] = []): Readonly<Record<string, Value>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));

const valueOf = ({ stringValue, intValue, doubleValue, boolValue }: AnyValue): Value =>
  stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue));

/** A name with its labels in order, as a page and an export can be compared. */
const seriesName = (name: string, labels: readonly (readonly [string, string])[]): string =>
  `${name}{${[...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${value}`)
    .join(',')}}`;

/** The values of a page of Prometheus’s text format. */
export function seriesOfPage(page: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  for (const line of page.split('\n')) {
    const [, name, labels = '', value] = /^([a-z]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, label = '', text = '']) => [label, text] as const,
    );
    series.set(seriesName(name, pairs), Number(value));
  }
  return series;
}

/** The same of an export, as a Collector would write that page. */
export function seriesOfMetrics(metrics: readonly Metric[]): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  for (const { name, sum, gauge, histogram } of metrics) {
    const labelsOf = ({ attributes = [] }: Point): (readonly [string, string])[] =>
      attributes.map(({ key, value }) => [key, String(valueOf(value))] as const);
    for (const point of [...(sum?.dataPoints ?? []), ...(gauge?.dataPoints ?? [])])
      series.set(seriesName(name, labelsOf(point)), point.asDouble ?? 0);
    for (const point of histogram?.dataPoints ?? []) {
      const labels = labelsOf(point);
      series.set(seriesName(`${name}_sum`, labels), point.sum ?? 0);
      series.set(seriesName(`${name}_count`, labels), Number(point.count ?? 0));
      let below = 0;
      for (const [at, count] of (point.bucketCounts ?? []).entries()) {
        below += Number(count);
        const le = String(point.explicitBounds?.[at] ?? '+Inf');
        series.set(seriesName(`${name}_bucket`, [...labels, ['le', le]]), below);
      }
    }
  }
  return series;
}
