import { flagReader, integerReader } from '../../record/memo/readers.ts';
import type { AnalyticsRecord, Integer, RecordTime } from '../../record/record.ts';
import { zeroTime } from '../../record/time/zero-time.ts';
import type { Hit, Network } from './counter.ts';
import { none, noText } from './texts.ts';
import { Vocabulary } from './vocabulary.ts';

export interface ReadingRules {
  readonly tracksAllPaths: boolean;
  readonly ignoredTagPrefixes: readonly string[];
}

const codeOf = integerReader('response_code');
const requestTimeOf = integerReader('request_time');
const latencyOf = integerReader('latency.total');
const upstreamOf = integerReader('latency.upstream');
const isTrackedOf = flagReader('track_path');

/** Of a record that says nothing but what a connection has carried. */
const networkCode = -1;
/** By the number of the operation. */
const operations = ['', 'Query', 'Mutation', 'Subscription'];

/**
 * The record at hand: what is counted of it, and what it belongs to, as numbers of texts. What only some records need is
 * looked up when it is asked for.
 */
export class Reading implements Hit {
  readonly vocabulary: Vocabulary;
  readonly #tracksAllPaths: boolean;
  #record: AnalyticsRecord | undefined;

  time: RecordTime = zeroTime;
  code = 0;
  success = 0;
  error = 0;
  requestTime = 0;
  latency = 0;
  upstreamLatency = 0;
  isTracked = false;

  orgId = noText;
  apiId = noText;
  apiVersion = noText;
  apiKey = noText;
  oauthId = noText;
  path = noText;

  constructor({ tracksAllPaths, ignoredTagPrefixes }: ReadingRules) {
    this.vocabulary = new Vocabulary(ignoredTagPrefixes);
    this.#tracksAllPaths = tracksAllPaths;
  }

  use(record: AnalyticsRecord): void {
    const { vocabulary } = this;
    this.#record = record;
    this.time = record.time('timestamp');
    const code = Number(codeOf(record));
    this.code = code;
    this.success = code >= 200 && code < 300 ? 1 : 0;
    this.error = code >= 400 ? 1 : 0;
    this.orgId = vocabulary.orgId.of(record);
    this.apiId = vocabulary.apiId.of(record);
    if (code === networkCode) return;
    this.requestTime = Number(requestTimeOf(record));
    this.latency = Number(latencyOf(record));
    this.upstreamLatency = Number(upstreamOf(record));
    this.apiVersion = vocabulary.apiVersion.of(record);
    this.apiKey = vocabulary.apiKey.of(record);
    this.oauthId = vocabulary.oauthId.of(record);
    this.isTracked = this.#tracksAllPaths || isTrackedOf(record);
    this.path = this.isTracked ? vocabulary.path.of(record) : noText;
  }

  get isHit(): boolean {
    return this.code !== networkCode;
  }

  get network(): Network {
    const { record } = this;
    return {
      openConnections: Number(record.integer('network.open_connections')),
      closedConnections: Number(record.integer('network.closed_connections')),
      bytesIn: Number(record.integer('network.bytes_in')),
      bytesOut: Number(record.integer('network.bytes_out')),
    };
  }

  get hasGraphErrors(): boolean {
    return this.record.flag('graphql_stats.HasErrors');
  }

  get record(): AnalyticsRecord {
    if (this.#record === undefined) throw new TypeError('no record was read');
    return this.#record;
  }

  get errorCode(): number {
    return this.error === 1 ? this.vocabulary.number(this.code) : none;
  }

  get apiName(): number {
    return this.vocabulary.apiName.of(this.record);
  }

  get alias(): number {
    return this.vocabulary.alias.of(this.record);
  }

  get country(): number {
    return this.vocabulary.country.of(this.record);
  }

  get versionHash(): number {
    if (this.apiVersion === noText) return none;
    return this.vocabulary.hashes.of(this.apiId, this.apiVersion);
  }

  get pathKey(): number {
    return this.vocabulary.pathKeys.of(this.path, noText);
  }

  get pathHash(): number {
    return this.vocabulary.hashes.of(this.apiId, this.path);
  }

  get versionedPath(): number {
    const { versions, versionedPaths } = this.vocabulary;
    return versionedPaths.of(versions.of(this.apiId, this.apiVersion), this.path);
  }

  get tags(): readonly number[] {
    return this.vocabulary.tags.of(this.record);
  }

  get rootFields(): readonly number[] {
    return this.vocabulary.rootFields.of(this.record);
  }

  get graphTypes(): readonly number[] {
    const types = this.record.graphTypes();
    return types === null ? [] : [...types.keys()].map((type) => this.vocabulary.texts.of(type));
  }

  get graphFields(): readonly number[] {
    const types = this.record.graphTypes();
    if (types === null) return [];
    const { texts } = this.vocabulary;
    return [...types].flatMap(([type, fields]) =>
      (fields ?? []).map((field) => texts.of(`${type}_${field}`)),
    );
  }

  get operation(): number {
    const operation: Integer = this.record.integer('graphql_stats.OperationType');
    return this.vocabulary.texts.of(operations[Number(operation)] ?? '');
  }

  get mcpMethod(): number {
    return this.vocabulary.mcpMethod.of(this.record);
  }

  get mcpPrimitive(): number {
    return this.vocabulary.mcpPrimitive.of(this.record);
  }

  get mcpBareName(): number {
    return this.vocabulary.mcpName.of(this.record);
  }

  get mcpName(): number {
    const name = this.mcpBareName;
    const type = this.mcpPrimitive;
    return name === noText || type === noText ? name : this.vocabulary.mcpNames.of(type, name);
  }
}
