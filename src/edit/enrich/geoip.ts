import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Millis } from '../../lib/units.ts';
import { type GeoFile, loadGeoFile, versionOf } from './geo-file.ts';
import type { Place } from './place.ts';
import { publicAddress } from './public-address.ts';
import { remembered } from './remembered.ts';

export interface GeoIpOptions {
  /** A MaxMind file (`.mmdb`). */
  readonly file: string;
  /** The file is looked at no more often than this, and only while addresses are asked for. */
  readonly checkEvery: Millis;
  readonly clock: Clock;
  readonly log: Log;
}

/** Cannot begin: which file, and why. */
export interface GeoIpProblem {
  readonly file: string;
  readonly reason: string;
}

/** For health and metrics. */
export interface GeoIpState {
  readonly file: string;
  readonly databaseType: string;
  readonly builtAt: Date;
  /** Why the file that lies there now is not in use, or what of the one in use cannot be read. */
  readonly problem: string | undefined;
}

export type OpenedGeoIp =
  | { readonly outcome: 'opened'; readonly geoIp: GeoIp }
  | { readonly outcome: 'failed'; readonly problem: GeoIpProblem };

export async function openGeoIp(options: GeoIpOptions): Promise<OpenedGeoIp> {
  const { file } = options;
  const loaded = await loadGeoFile(file);
  if (loaded.outcome === 'failed')
    return { outcome: 'failed', problem: { file, reason: loaded.reason } };
  return { outcome: 'opened', geoIp: new GeoIp(options, loaded.version, loaded.content) };
}

/** Addresses that are remembered with their places. */
const mostRemembered = 16_384;
/** No address is longer, its zone included. */
const longestAddress = 64;

/**
 * Where addresses are. Looking never waits: a file that has changed is read beside, and taken when it is whole; until then,
 * and when it is not, the one before stays in use.
 */
export class GeoIp {
  readonly #options: GeoIpOptions;
  readonly #places = remembered(mostRemembered, (text) => this.#look(text));
  #version: string;
  #content: GeoFile;
  /** Of the file that lies there now. */
  #problem: string | undefined;
  /** Of the one in use. */
  #damage: string | undefined;
  #lastCheck: number;
  #checking: Promise<void> | undefined;

  constructor(options: GeoIpOptions, version: string, content: GeoFile) {
    this.#options = options;
    this.#version = version;
    this.#content = content;
    this.#lastCheck = options.clock.elapsed();
  }

  /** Of the text of an address; undefined where it is none, is private, or the file does not know it. */
  find(address: Uint8Array): Place | undefined {
    if (address.length > longestAddress) return undefined;
    this.#checkSometimes();
    return this.#places.of(latin1(address));
  }

  get state(): GeoIpState {
    const { databaseType, builtAt } = this.#content;
    return {
      file: this.#options.file,
      databaseType,
      builtAt,
      problem: this.#problem ?? this.#damage,
    };
  }

  /** Resolves once no file is being read. */
  async settled(): Promise<void> {
    await this.#checking;
  }

  #look(text: string): Place | undefined {
    const address = publicAddress(Buffer.from(text, 'latin1'));
    if (address === undefined) return undefined;
    try {
      return this.#content.look(address);
    } catch (error) {
      // One line for each file, not for each address.
      if (this.#damage === undefined) {
        this.#damage = `it is damaged: ${explain(error)}`;
        const { file, log } = this.#options;
        log.warn(
          { file, reason: this.#damage },
          'The GeoIP file does not tell where some addresses are.',
        );
      }
      return undefined;
    }
  }

  #checkSometimes(): void {
    const { clock, checkEvery } = this.#options;
    if (clock.elapsed() - this.#lastCheck < checkEvery || this.#checking !== undefined) return;
    this.#checking = this.#check().finally(() => {
      this.#checking = undefined;
      this.#lastCheck = clock.elapsed();
    });
  }

  /** Never rejects. */
  async #check(): Promise<void> {
    const { file, log } = this.#options;
    const isSame = (await versionOf(file)) === this.#version;
    const loaded = isSame ? undefined : await loadGeoFile(file);
    const problem = loaded?.outcome === 'failed' ? loaded.reason : undefined;
    if (problem !== undefined && problem !== this.#problem)
      log.warn(
        { file, reason: problem },
        'The GeoIP file cannot be read; the one before stays in use.',
      );
    this.#problem = problem;
    if (loaded?.outcome !== 'loaded') return;
    this.#version = loaded.version;
    this.#content = loaded.content;
    this.#damage = undefined;
    this.#places.forget();
    const { databaseType, builtAt } = loaded.content;
    log.info(
      { file, databaseType, builtAt: builtAt.toISOString() },
      'Another GeoIP file is in use.',
    );
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
