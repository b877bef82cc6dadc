import type { Clock } from '../../lib/clock.ts';
import type { Log } from '../../lib/log.ts';
import { seconds } from '../../lib/units.ts';
import { type GeoIp, openGeoIp } from './geoip.ts';

const fileCheckedEvery = seconds(10);

/** Files of places, each in memory once in a thread, whatever the number of routes. */
export class Places {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #files = new Map<string, Promise<GeoIp | undefined>>();

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Undefined where it cannot be read, which has been said. A start refuses it; one that went away since then holds up nothing. */
  in(file: string): Promise<GeoIp | undefined> {
    const known = this.#files.get(file) ?? this.#open(file);
    this.#files.set(file, known);
    return known;
  }

  async #open(file: string): Promise<GeoIp | undefined> {
    const [clock, log] = [this.#clock, this.#log];
    const opened = await openGeoIp({ file, checkEvery: fileCheckedEvery, clock, log });
    if (opened.outcome === 'opened') {
      const { file: from, databaseType, builtAt } = opened.geoIp.state;
      log.info(
        { file: from, type: databaseType, built: builtAt.toISOString() },
        'Records without a place get one from this file.',
      );
      return opened.geoIp;
    }
    // Another route, or this one made anew, may find it.
    this.#files.delete(file);
    const { file: missing, reason } = opened.problem;
    log.error(
      { file: missing, reason },
      'The file of places cannot be read; records go without a place.',
    );
    return undefined;
  }
}
