import type { Mutant } from './mutant.ts';

/** Broken where only what is rare goes: bounds, steps of the clock, late owners, the way back. */
export const exceptionalMutants: readonly Mutant[] = [
  {
    name: 'shed-not-counted',
    about: 'records dropped at the bound are not booked',
    fault: 'bound-shed',
    edits: [
      {
        file: 'src/purge/scripts/shed.js',
        replace:
          "if records > 0 then redis.call('HSET', ledger, group .. '|shed', text(booked + records)) end",
        by: '',
      },
    ],
  },
  {
    name: 'shed-not-corrected',
    about: 'records that arrive although they were dropped stay counted as dropped',
    fault: 'bound-shed-held',
    edits: [
      {
        file: 'src/purge/scripts/settle.js',
        replace: 'not isAcknowledged and booked[note]',
        by: 'false',
      },
    ],
  },
  {
    name: 'spilled-to-nowhere',
    about: 'a range counts as spilled without being on disk',
    fault: 'bound-spill',
    edits: [
      {
        file: 'src/spill/mover.js',
        replace: 'const spilled = found.length === 0 ? [] : await this.#parts.spill.append(found);',
        by: 'const spilled = [];',
      },
    ],
  },
  {
    name: 'bound-without-hold',
    about: 'claiming continues above the bound',
    fault: 'bound-hold',
    edits: [
      {
        file: 'src/purge/bounds/upkeep.js',
        replace: 'this.#hold(this.#behind > bounds.retainedBytes);',
        by: '',
      },
    ],
  },
  {
    name: 'leases-outlive-a-step',
    about: "after a step back of Redis's clock, dead instances keep their leases",
    fault: 'clock-redis-back',
    edits: [
      {
        file: 'src/purge/scripts/claim.js',
        replace: "if seen > now and type(dated) == 'number' then",
        by: 'if false then',
      },
    ],
  },
  {
    name: 'late-owner-cries-loss',
    about: 'records of a range that another instance has delivered count as lost',
    fault: 'late-owner',
    edits: [
      {
        file: 'src/route/reader.js',
        replace: 'if (isHeld)',
        by: 'if (true)',
      },
    ],
  },
  {
    name: 'malformed-entry-blocks',
    about: 'a manifest entry that is not a range is never acknowledged',
    fault: 'foreign-entries',
    edits: [
      {
        file: 'src/purge/lease/stream-leases.js',
        replace: 'await this.#stepOver.these(list, malformed).catch(() => undefined);',
        by: '',
      },
    ],
  },
  {
    name: 'release-in-reverse',
    about: 'putting records back into the gateway’s lists reverses the order of a range',
    fault: 'rollback',
    edits: [
      {
        file: 'src/purge/scripts/release.js',
        replace: 'for at = #elements, 1, -1 do',
        by: 'for at = 1, #elements do',
      },
    ],
  },
  {
    name: 'new-route-misses-lists',
    about: 'a new route gets no group on lists that others have used before',
    fault: 'routes-changed',
    edits: [
      {
        file: 'src/purge/scripts/claim.js',
        replace: "local makesGroups = ARGV[6] == '1' or not isKnown",
        by: 'local makesGroups = not isKnown',
      },
    ],
  },
  {
    name: 'new-route-gets-old-records',
    about: 'a new route begins with records that are still kept for others',
    fault: 'routes-changed',
    edits: [
      {
        file: 'src/purge/scripts/make-groups.js',
        replace: "plan.position, plan.from = '$', claimed",
        by: "plan.position, plan.from = '0', kept",
      },
    ],
  },
];
