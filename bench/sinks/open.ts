import type { Redis } from 'ioredis';
import type { SinkName } from '../cell.ts';
import { bulkSink } from './bulk-sink.ts';
import { dummySink } from './dummy-sink.ts';
import { csvSink, stdoutSink } from './file-sinks.ts';
import { kafkaSink } from './kafka-sink.ts';
import { mongoSink } from './mongo-sink.ts';
import { aggregateSink, sqlSink } from './postgres-sink.ts';
import { prometheusSink } from './prometheus-sink.ts';
import { several } from './several.ts';
import type { BenchSink } from './sink.ts';
import { statsdSink } from './statsd-sink.ts';

export interface SinkNeeds {
  readonly redis: Redis;
  /** Books commands that the harness itself sends to Redis. */
  readonly count: (command: string, times?: number) => void;
}

/** Starts what the sink needs. Kafka, PostgreSQL and MongoDB throw `Unavailable` where their servers cannot be had. */
export async function openSink(name: SinkName, { redis, count }: SinkNeeds): Promise<BenchSink> {
  switch (name) {
    case 'csv':
      return csvSink();
    case 'stdout':
      return stdoutSink();
    case 'elasticsearch':
      return bulkSink();
    case 'kafka':
      return kafkaSink();
    case 'sql':
      return sqlSink();
    case 'sql_aggregate':
      return aggregateSink();
    case 'mongo':
      return mongoSink();
    case 'prometheus':
      return prometheusSink();
    case 'dummy':
      return dummySink(redis, count);
    case 'four':
      return several([csvSink(), await bulkSink(), prometheusSink(), await statsdSink()]);
  }
}
