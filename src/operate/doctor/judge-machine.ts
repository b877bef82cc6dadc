import type { Config } from '../../config/config.ts';
import { amiss, type Finding, ok, shownBytes } from './finding.ts';

/** What is known of this machine and this process. */
export interface Machine {
  /** `20.19.0` */
  readonly node: string;
  /** Of file descriptors; undefined: not known, or none. */
  readonly mostOpenFiles: number | undefined;
  /** The bytes that this process may have at most, as a container says; undefined: no limit. */
  readonly memoryLimit: number | undefined;
  /** Whether a time zone is known by its name. */
  readonly knowsZone: (name: string) => boolean;
}

export const judgeMachine = (machine: Machine, config: Config | undefined): readonly Finding[] => [
  node(machine),
  timeZones(machine),
  openFiles(machine),
  ...(config === undefined ? [] : [memory(machine, config)]),
];

/** As package.json says it. */
const oldest = [20, 19] as const;

function node({ node: version }: Machine): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return ok('node', version);
  return amiss('node', 'error', {
    what: `${version} is older than ${oldest.join('.')}`,
    why: 'nothing is tested there, and the start may fail',
    remedy: 'Install a later release of Node.js.',
  });
}

const someZones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];

function timeZones({ knowsZone }: Machine): Finding {
  const unknown = someZones.filter((zone) => !knowsZone(zone));
  if (unknown.length === 0) return ok('time zones', 'known by name');
  return amiss('time zones', 'warning', {
    what: `not known: ${unknown.join(', ')}`,
    why: 'a record of protobuf says its zone by name; where that is unknown, its time is told as UTC',
    remedy: 'Install tzdata, or a Node.js with full ICU.',
  });
}

const fewFiles = 1024;

function openFiles({ mostOpenFiles }: Machine): Finding {
  const check = 'open files';
  if (mostOpenFiles === undefined) return ok(check, 'no limit is known');
  if (mostOpenFiles >= fewFiles) return ok(check, `${mostOpenFiles}`);
  return amiss(check, mostOpenFiles < 256 ? 'error' : 'warning', {
    what: `at most ${mostOpenFiles}`,
    why: 'each connection, spill file and file of a pump takes one; without one connections fail',
    remedy: 'Raise it: LimitNOFILE of systemd, ulimit -n, ulimits of the container.',
  });
}

/** What the process takes without records. */
const base = 160 * 1024 * 1024;

function memory({ memoryLimit }: Machine, { bounds, pumps }: Config): Finding {
  const check = 'memory';
  const wanted = base + bounds.cacheBytes + bounds.inFlightBytes * pumps.length;
  const what = `up to ${shownBytes(wanted)} by the bounds (cache, ${pumps.length} pumps with records in flight)`;
  if (memoryLimit === undefined) return ok(check, `${what}, no limit`);
  const said = `${what}, of ${shownBytes(memoryLimit)}`;
  if (wanted <= memoryLimit) return ok(check, said);
  return amiss(check, 'warning', {
    what: said,
    why: 'the system ends a process that exceeds its limit; nothing is lost, but everything under way is done again',
    remedy: 'Raise the limit, or lower sluice.cache_bytes and sluice.in_flight_bytes.',
  });
}
