import { configurationHash, type InstanceAbout } from '../operate/instance-about.ts';
import type { AppParts } from './parts.ts';

/** This instance, as it shows itself to others. */
export interface Self extends InstanceAbout {
  readonly name: string;
  readonly version: string;
}

export function selfOf({
  consumer: name,
  version,
  host,
  clock,
  pumps,
  effective,
}: Pick<AppParts, 'consumer' | 'version' | 'host' | 'clock' | 'pumps' | 'effective'>): Self {
  return {
    ...{ name, version, host },
    since: new Date(clock.now()).toISOString(),
    configuration: configurationHash(effective),
    pumps: pumps.map(({ entry }) => ({ route: entry.name, type: entry.type })),
  };
}
