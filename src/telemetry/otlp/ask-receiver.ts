import type { OtlpTarget } from '../../config/config.ts';
import { explain } from '../../lib/errors.ts';
import { millis } from '../../lib/units.ts';
import { aboutProcess } from './about.ts';
import type { Sent } from './exporter.ts';
import { logsExporter, metricsExporter, tracesExporter } from './exporters.ts';
import { readTlsFiles } from './tls-files.ts';

/** It answers at once, or something is wrong. */
const longestAnswer = 3000;

/** Why a receiver does not take what it is sent; undefined: it takes it. What it is sent is empty. */
export async function askReceiver(
  signal: 'metrics' | 'traces' | 'logs',
  target: OtlpTarget,
): Promise<string | undefined> {
  const short = { ...target, timeout: millis(Math.min(target.timeout, longestAnswer)) };
  try {
    const tls = await readTlsFiles(target);
    const sent = await sendNothing[signal](short, tls);
    return sent.isTaken ? undefined : sent.reason;
  } catch (error) {
    return explain(error);
  }
}

type Send = (...of: Parameters<typeof logsExporter>) => Promise<Sent>;
const sendNothing: Readonly<Record<'metrics' | 'traces' | 'logs', Send>> = {
  metrics: (...of) => {
    const { resource } = aboutProcess({ version: '', instance: '', host: '', attributes: {} });
    return metricsExporter(...of).send({ resource, scopeMetrics: [] });
  },
  traces: (...of) => tracesExporter(...of).send([]),
  logs: (...of) => logsExporter(...of).send([]),
};
