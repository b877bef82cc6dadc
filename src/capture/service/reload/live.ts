import type { Clock } from '../../../lib/clock.ts';
import { digestOf } from '../../../lib/digest.ts';
import type { Log } from '../../../lib/log.ts';
import type { Bytes } from '../../../lib/units.ts';
import type { MappingRules } from '../../mapping/record-fields.ts';
import type { CaptureMetrics } from '../../metrics.ts';
import { openShaper, type Shape } from '../../shaping/shaper.ts';
import type { CaptureConfig } from '../config/load.ts';

interface Terms {
  readonly life: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: CaptureMetrics;
}

/** What becomes of an exchange, as the configuration says now: the next one is treated as the last reload has it. */
export class LiveRules {
  readonly #terms: Terms;
  /** Of the process: a reload does not change it. */
  readonly #encoding: CaptureConfig['options']['record']['encoding'];
  #config: CaptureConfig;
  #shape: Shape;

  static async open(config: CaptureConfig, terms: Terms): Promise<LiveRules> {
    const { encoding } = config.options.record;
    const shape = await openShaper({ ...terms, encoding, rules: config.rules });
    return new LiveRules(config, shape, terms);
  }

  private constructor(config: CaptureConfig, shape: Shape, terms: Terms) {
    this.#config = config;
    this.#shape = shape;
    this.#terms = terms;
    this.#encoding = config.options.record.encoding;
  }

  get shape(): Shape {
    return this.#shape;
  }

  get mapping(): MappingRules {
    const { record } = this.#config.options;
    return {
      isDetailed: record.bodies > 0,
      tags: record.tags,
      orgId: record.org_id,
      cluster: record.cluster,
    };
  }

  get bodyLimit(): Bytes {
    return this.#config.options.record.bodies;
  }

  /** From the next exchange on. */
  async take(config: CaptureConfig): Promise<void> {
    const { rules } = config;
    const isSame = digestOf(said(rules)) === digestOf(said(this.#config.rules));
    if (!isSame)
      this.#shape = await openShaper({ ...this.#terms, encoding: this.#encoding, rules });
    this.#config = config;
  }
}

/** Without where it was said. */
const said = (rules: CaptureConfig['rules']): unknown => ({ ...rules, saidAt: undefined });
