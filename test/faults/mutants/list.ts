/** A build that is broken on purpose: one place of the compiled code is replaced. */
export interface Mutant {
  readonly name: string;
  /** What somebody might get wrong. */
  readonly about: string;
  /** The fault whose runs must notice. */
  readonly fault: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  /** Below `dist`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly replace: string;
  readonly by: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledge-before-delivery',
    about: 'a range is acknowledged as soon as it has been read',
    fault: 'kill',
    edits: [
      {
        file: 'src/route/ledger.js',
        replace: 'if (records === 0)',
        by: 'if (records >= 0)',
      },
    ],
  },
  {
    name: 'claim-without-persist',
    about: 'a claimed list keeps the time-to-live that the gateway gave it',
    fault: 'expiring-lists',
    edits: [
      {
        file: 'src/purge/scripts/claim.js',
        replace: "redis.call('PERSIST', key)",
        by: '',
      },
    ],
  },
  {
    name: 'reclaim-by-the-fastest',
    about: 'memory is given back when the first route has answered, not the last',
    fault: 'expiring-lists',
    edits: [
      {
        file: 'src/purge/scripts/reclaim.js',
        replace: "  position[#position + 1] = info['last-delivered-id']\n",
        by: "  if info['pending'] == 0 and info['last-delivered-id'] ~= '0-0' then pending, position = {}, {info['last-delivered-id']} break end\n",
      },
    ],
  },
  {
    name: 'conflict-as-failure',
    about: '"409, it is there already" counts as a refused record',
    fault: 'sink-reset-some',
    edits: [
      {
        file: 'pumps/elasticsearch/bulk-answer.js',
        replace: 'return isConflict && hasOurIds ? delivered() : undefined;',
        by: "return isConflict ? { outcome: 'reject', failure: { kind: 'invalid', message: '409' } } : undefined;",
      },
    ],
  },
  {
    name: 'ids-that-repeat',
    about: 'two records may have the same id, and the second one counts as there already',
    fault: 'sink-400-items',
    edits: [
      {
        file: 'src/pump/batch.js',
        replace: '`${segment}:${index}`',
        by: '`${segment.slice(0, 10)}:${index}`',
      },
    ],
  },
  {
    name: 'ids-that-change',
    about: 'a record gets another id when it is delivered again',
    fault: 'kill',
    edits: [
      {
        file: 'src/pump/batch.js',
        replace: '`${segment}:${index}`',
        by: '`${segment}:${index}:${globalThis.process.pid}`',
      },
    ],
  },
  {
    name: 'no-takeover',
    about: 'nobody takes over what a killed instance had leased',
    fault: 'kill-replica',
    edits: [
      {
        file: 'src/purge/stream-leases.js',
        replace: 'for (const list of this.#stocked) {',
        by: 'for (const list of []) {',
      },
    ],
  },
  {
    name: 'leases-not-given-back',
    about: 'a stopping instance keeps its leases until they run out',
    fault: 'sigterm-hanging',
    edits: [
      {
        file: 'src/purge/stream-leases.js',
        replace: 'await this.#touch(leases, { owner: nobody, idle: this.#parts.lease * 2 });',
        by: '',
      },
    ],
  },
  {
    name: 'stop-without-end',
    about: 'SIGTERM waits until everything is delivered, however long that takes',
    fault: 'sigterm-unavailable',
    edits: [
      {
        file: 'src/route/courier.js',
        replace: 'if (pace.isDown)\n            return true;',
        by: '',
      },
      {
        file: 'src/app/app.js',
        replace: '() => abandon.abort()',
        by: '() => undefined',
      },
    ],
  },
  {
    name: 'throttled-as-delivered',
    about: 'an item answered with 429 counts as delivered',
    fault: 'sink-429-items',
    edits: [
      {
        file: 'pumps/elasticsearch/bulk-answer.js',
        replace: 'if (isSuccess(status))\n        return delivered();',
        by: 'if (isSuccess(status) || status === 429)\n        return delivered();',
      },
    ],
  },
  {
    name: 'answer-not-read',
    about: 'a request with an answer counts as delivered, whatever is in it',
    fault: 'sink-500-items',
    edits: [
      {
        file: 'pumps/elasticsearch/bulk-answer.js',
        replace: 'return items.map((item) => judgeItem(item, sent));',
        by: 'return repeated(delivered(), count);',
      },
    ],
  },
  {
    name: 'rejected-and-forgotten',
    about: 'a refused record is answered for without a dead letter',
    fault: 'sink-400-items',
    edits: [
      {
        file: 'src/route/answers.js',
        replace: 'this.#store(() => letters.put(list, route, made),',
        by: 'this.#store(async () => ({ stored: 0, dropped: 0 }),',
      },
    ],
  },
  {
    name: 'half-an-answer-as-a-whole',
    about: 'records that an answer does not mention count as delivered',
    fault: 'sink-half-some',
    edits: [
      {
        file: 'pumps/elasticsearch/bulk-answer.js',
        replace:
          'return repeated(malformed(`has ${items.length} items for ${count} records`), count);',
        by: 'return repeated(delivered(), count);',
      },
    ],
  },
  {
    name: 'wrong-field',
    about: 'a field of the document comes from another field of the record',
    fault: 'sink-400-items',
    edits: [
      {
        file: 'pumps/elasticsearch/encode.js',
        replace: "text('api_id', 'api_id')",
        by: "text('api_id', 'org_id')",
      },
    ],
  },
  {
    name: 'reclaim-what-is-leased',
    about: 'memory is given back although ranges are still leased',
    fault: 'kill',
    edits: [
      {
        file: 'src/purge/scripts/reclaim.js',
        replace: "if info['pending'] > 0 then",
        by: 'if false then',
      },
    ],
  },
  {
    name: 'one-sink-at-a-time',
    about: 'all routes wait for each other: only one may talk to its sink',
    fault: 'sink-hanging',
    edits: [
      {
        file: 'src/route/flights.js',
        replace: 'await this.#parts.sink.deliver(batch, abort.signal);',
        by: 'await (globalThis.turn = (globalThis.turn ?? Promise.resolve()).catch(() => 0).then(() => this.#parts.sink.deliver(batch, abort.signal)));',
      },
    ],
  },
  {
    name: 'shed-not-counted',
    about: 'what is dropped at the bound is booked nowhere',
    fault: 'bound-shed',
    edits: [
      {
        file: 'src/purge/scripts/shed.js',
        replace:
          "if records > 0 then redis.call('HINCRBY', KEYS[2], group .. '|shed', records) end",
        by: '',
      },
    ],
  },
  {
    name: 'shed-not-corrected',
    about: 'what arrives although it was dropped stays counted as dropped',
    fault: 'bound-shed-held',
    edits: [
      {
        file: 'src/purge/scripts/settle.js',
        replace: "not isAcknowledged and redis.call('HGET', KEYS[2], shed)",
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
    about: 'claiming goes on above the bound',
    fault: 'bound-hold',
    edits: [
      {
        file: 'src/purge/upkeep.js',
        replace: 'this.#hold(this.#retained > bounds.retainedBytes);',
        by: '',
      },
    ],
  },
  {
    name: 'leases-outlive-a-step',
    about: 'a clock of Redis that is stepped back keeps the leases of the dead',
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
        replace: 'if (!(await this.#parts.leases.isHeld(lease, signal))) {',
        by: 'if (false) {',
      },
    ],
  },
  {
    name: 'malformed-entry-blocks',
    about: 'a manifest entry that is no range is never acknowledged',
    fault: 'foreign-entries',
    edits: [
      {
        file: 'src/purge/stream-leases.js',
        replace: 'await this.#stepOver.these(list, malformed).catch(() => undefined);',
        by: '',
      },
    ],
  },
  {
    name: 'release-in-reverse',
    about: 'going back to the gateway’s lists turns the order of a range round',
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
        replace: "if ARGV[6] == '1' or not known then",
        by: 'if not known then',
      },
    ],
  },
];
