import { millis } from '../../lib/units.ts';
import { encodeUptime, type UptimeFields } from '../../record/encode/uptime.ts';
import { uptimeName } from '../../redis/keys.ts';
import { apis, orgId } from './catalogue.ts';
import { Chance } from './chance.ts';
import { type ElementOptions, type ListElements, unreadable } from './elements.ts';
import { calendarOf, timeOf } from './times.ts';

export interface UptimeOptions
  extends Pick<ElementOptions, 'seed' | 'firstAt' | 'interval' | 'undecodable'> {
  readonly uptimeKeyPrefix: string;
}

/** What `elementsOf` is for calls: what a host checker would find of the upstreams of a few APIs. */
export function uptimeElementsOf(
  options: UptimeOptions,
): (first: number, number: number) => readonly ListElements[] {
  const list = uptimeName(options.uptimeKeyPrefix);
  return (first, number) => {
    const elements = Array.from({ length: number }, (_, at) => {
      const chance = new Chance(options.seed ^ 0x3c6e_f372, first + at);
      const whole = encodeUptime(checkAt(first + at, chance, options));
      return chance.share() < options.undecodable ? unreadable(whole) : whole;
    });
    return [{ list, elements }];
  };
}

function checkAt(index: number, chance: Chance, options: UptimeOptions): UptimeFields {
  const at = millis(Math.floor(options.firstAt + index * options.interval));
  const api = chance.pick(apis);
  const isDown = chance.below(20) === 0;
  return {
    url: `http://${api.id}.upstream.example.com/health`,
    request_time: isDown ? 10_000 : 1 + Math.floor(chance.share() ** 4 * 900),
    response_code: isDown ? 503 : chance.pick([200, 200, 200, 204, 301, 404]),
    tcp_error: isDown,
    server_error: isDown,
    ...calendarOf(at),
    minute: new Date(at).getUTCMinutes(),
    timestamp: timeOf(at, 0),
    expireAt: timeOf(millis(at + day), 0),
    api_id: api.id,
    org_id: orgId,
  };
}

const day = 24 * 60 * 60 * 1000;
