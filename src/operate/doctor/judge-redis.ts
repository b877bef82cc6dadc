import type { BoundsConfig } from '../../config/config.ts';
import type { Permitted } from '../../redis/capabilities.ts';
import { about, amiss, type Finding, ok, shownBytes, shownTime } from './finding.ts';
import type { RedisFacts } from './redis-facts.ts';

/** What follows from what one server says of itself. Pure; one function for each thing that is looked at. */
export const judgeRedis = (facts: RedisFacts, bounds: BoundsConfig): readonly Finding[] =>
  about(facts.node, [
    version(facts),
    eviction(facts),
    persistence(facts),
    headRoom(facts, bounds),
    ...(facts.cluster === undefined ? [] : [clusterSlots(facts.cluster)]),
    roundTrip(facts),
    clock(facts),
  ]);

function version({ info }: RedisFacts): Finding {
  const check = 'redis version';
  const said = info.get('valkey_version') ?? info.get('redis_version');
  if (said === undefined)
    return amiss(check, 'note', {
      what: 'Redis does not permit INFO, so its version is not known',
      why: 'before 6.2 records are popped, and a crash loses what is in memory; that is found out by trying',
      remedy: 'Permit INFO to the user.',
    });
  const [major = 0, minor = 0] = said.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return ok(check, said);
  return amiss(check, 'warning', {
    what: `${said} is older than 6.2`,
    why: 'records are popped, and a crash loses what is in memory (at-most-once)',
    remedy: 'Use Redis 6.2 or later, or Valkey.',
  });
}

function eviction({ info }: RedisFacts): Finding {
  const check = 'eviction';
  const policy = info.get('maxmemory_policy');
  const isBounded = Number(info.get('maxmemory') ?? 0) > 0;
  if (policy === undefined)
    return amiss(check, 'note', {
      what: 'maxmemory-policy is not known, for Redis does not permit INFO',
      why: 'with allkeys-… Redis may delete records that wait',
      remedy: 'Make sure that it is noeviction or volatile-….',
    });
  if (policy.startsWith('allkeys'))
    return amiss(check, isBounded ? 'error' : 'warning', {
      what: `maxmemory-policy is ${policy}${isBounded ? '' : ', and there is no maxmemory yet'}`,
      why: 'at maxmemory Redis deletes segments and dead letters as if they were a cache; they count as vanished, which is lost',
      remedy:
        'Set maxmemory-policy to noeviction or volatile-lru, or give the records a Redis of their own.',
    });
  if (policy.startsWith('volatile') && isBounded)
    return amiss(check, 'note', {
      what: `maxmemory-policy is ${policy}`,
      why: 'what is claimed is safe, for it has no time-to-live; at maxmemory the gateway’s lists may go before they are claimed',
      remedy: 'Keep head room, and purge_delay short.',
    });
  return ok(check, policy);
}

function persistence({ info, save }: RedisFacts): Finding {
  const check = 'persistence';
  const remedy = 'Set appendonly yes; with appendfsync everysec at most a second is lost.';
  if (info.get('loading') === '1')
    return amiss(check, 'warning', {
      what: 'Redis is loading its data',
      why: 'it answers nothing until it has',
      remedy: 'Wait, and look again.',
    });
  for (const [field, name] of [
    ['rdb_last_bgsave_status', 'the last snapshot'],
    ['aof_last_write_status', 'the last write to the append-only file'],
    ['aof_last_bgrewrite_status', 'the last rewrite of the append-only file'],
  ] as const)
    if (info.get(field) === 'err')
      return amiss(check, 'error', {
        what: `${name} failed`,
        why: 'a restart loses what waits, and Redis may refuse every write until it works again (MISCONF)',
        remedy: 'Look at the log of Redis and at its disk.',
      });
  if (info.get('aof_enabled') === '1') return ok(check, 'append-only file');
  if (info.size === 0 || save === undefined)
    return amiss(check, 'note', {
      what: 'whether Redis writes snapshots is not known, and it writes no append-only file',
      why: 'without persistence a restart of Redis loses every record that waits in it',
      remedy,
    });
  if (save !== '')
    return amiss(check, 'note', {
      what: `snapshots only (save ${save})`,
      why: 'a restart of Redis loses the records since the last snapshot, and may deliver again what was answered for since',
      remedy,
    });
  return amiss(check, 'warning', {
    what: 'none: no append-only file, no snapshots',
    why: 'a restart of Redis loses every record that waits in it, and the position of every pump',
    remedy,
  });
}

function headRoom({ info }: RedisFacts, bounds: BoundsConfig): Finding {
  const check = 'head room';
  const used = Number(info.get('used_memory') ?? Number.NaN);
  const limit = Number(info.get('maxmemory') ?? Number.NaN);
  if (Number.isNaN(used) || Number.isNaN(limit))
    return amiss(check, 'note', {
      what: 'not known, for Redis does not permit INFO',
      why: 'at maxmemory Redis refuses the gateway’s pushes and our claims',
      remedy: 'Permit INFO to the user.',
    });
  const system = Number(info.get('total_system_memory') ?? 0);
  const [most, name] = limit > 0 ? [limit, 'maxmemory'] : [system, 'the memory of its machine'];
  if (most === 0) return ok(check, `${shownBytes(used)} in use, no limit`);
  const share = Math.floor(limit * 0.1);
  const retained =
    limit > 0 && !bounds.isRetainedSet
      ? Math.min(bounds.retainedBytes, share)
      : bounds.retainedBytes;
  const what = `${shownBytes(used)} of ${shownBytes(most)} (${name}) in use; up to ${shownBytes(retained)} more may wait (sluice.retained_bytes)`;
  const why =
    limit > 0
      ? 'at maxmemory Redis refuses writes, those of the gateway as well, or evicts'
      : 'a Redis without maxmemory grows until the system ends it, with all that waits in it';
  const remedy =
    'Raise maxmemory or the memory of the machine, lower sluice.retained_bytes, or set sluice.spill_dir.';
  if (used > most * 0.95) return amiss(check, 'error', { what, why, remedy });
  if (used + retained > most) return amiss(check, 'warning', { what, why, remedy });
  return ok(check, what);
}

const slots = 16_384;

function clusterSlots(cluster: ReadonlyMap<string, string>): Finding {
  const check = 'cluster slots';
  if (cluster.size === 0)
    return amiss(check, 'note', {
      what: 'not known, for Redis does not permit CLUSTER INFO',
      why: 'lists in a slot that nobody serves cannot be claimed',
      remedy: 'Permit CLUSTER|INFO to the user.',
    });
  const served = Number(cluster.get('cluster_slots_ok') ?? 0);
  if (cluster.get('cluster_state') === 'ok' && served === slots) return ok(check, 'all served');
  return amiss(check, 'error', {
    what: `cluster_state is ${cluster.get('cluster_state') ?? 'unknown'}, and ${served} of ${slots} slots are served`,
    why: 'lists in the other slots cannot be claimed, and expire',
    remedy:
      'Bring the missing masters back, or give their slots to others (redis-cli --cluster check).',
  });
}

const far = 20;
const tooFar = 200;

function roundTrip({ roundTrips }: RedisFacts): Finding {
  const sorted = roundTrips.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const what = `${middle.toFixed(1)} ms`;
  if (middle < far) return ok('round trip', what);
  return amiss('round trip', middle < tooFar ? 'note' : 'warning', {
    what,
    why: 'each claim and acknowledgement takes that long, and others who wait for the gateway’s Redis may, too',
    remedy: 'Run the service near Redis; look at SLOWLOG and the network.',
  });
}

const skewed = 1_000;
const badlySkewed = 300_000;

function clock({ ahead }: RedisFacts): Finding {
  const check = 'clock';
  if (ahead === undefined)
    return amiss(check, 'note', {
      what: 'the clock of Redis is not known, for it does not permit TIME',
      why: 'lag and ages are told by its clock and by that of this machine',
      remedy: 'Permit TIME to the user.',
    });
  const off = Math.abs(ahead);
  const what = `Redis is ${shownTime(off)} ${ahead > 0 ? 'ahead of' : 'behind'} this machine`;
  if (off < skewed) return ok(check, 'within a second');
  return amiss(check, off < badlySkewed ? 'warning' : 'error', {
    what,
    why: 'lag, ages and times of segments are wrong by that; minutes let certificates and signed requests fail',
    remedy: 'Let both machines keep time (NTP, chrony).',
  });
}

/** What trying the commands has shown. */
export function judgeRights(permitted: Permitted): readonly Finding[] {
  const check = 'redis rights';
  const remedy =
    'Give the user the commands and keys that are named (docs/configuration.md, "Redis").';
  if (permitted.kind === 'none')
    return [
      amiss(check, 'error', {
        what: `no way of taking records is permitted: ${permitted.refusal}`,
        why: 'nothing is claimed, and the gateway’s lists expire',
        remedy,
      }),
    ];
  if (permitted.kind === 'popping')
    return [
      amiss(check, 'warning', {
        what: `refused: ${permitted.refusal}`,
        why: 'records are popped, and a crash loses what is in memory (at-most-once)',
        remedy,
      }),
    ];
  if (permitted.lacking.length === 0) return [ok(check, 'all that is needed')];
  return permitted.lacking.map((lacks) =>
    amiss(check, 'warning', {
      what: `refused: ${lacks}`,
      why: 'it will be missing when it is needed',
      remedy,
    }),
  );
}
