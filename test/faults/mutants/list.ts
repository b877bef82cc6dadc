import { databaseMutants } from './databases.ts';
import { exceptionalMutants } from './exceptional.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledge-before-delivery',
    about: 'a range is acknowledged as soon as it has been read',
    fault: 'kill',
    edits: [
      {
        file: 'src/route/holdings.js',
        replace: 'if (records === 0)',
        by: 'if (records >= 0)',
      },
    ],
  },
  {
    name: 'claim-without-persist',
    about: "a claimed list keeps the gateway's time-to-live",
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
        replace: 'local function answered(id)\n',
        by: "local function answered(id)\n  for _, group in ipairs(groups) do if group['pending'] == 0 and not isBefore(group['last-delivered-id'], id) then return true end end\n",
      },
    ],
  },
  {
    name: 'conflict-as-failure',
    about: 'a 409 ("already exists") counts as a refused record',
    fault: 'sink-reset-some',
    edits: [
      {
        file: 'pumps/elasticsearch/answer.js',
        replace: 'return isConflict && hasOurIds ? delivered() : undefined;',
        by: "return isConflict ? { outcome: 'reject', failure: { kind: 'invalid', message: '409' } } : undefined;",
      },
    ],
  },
  {
    name: 'ids-that-repeat',
    about: 'two records may have the same id, and the second one counts as already stored',
    fault: 'sink-400-items',
    edits: [
      {
        file: 'pumps/elasticsearch/action-lines.js',
        replace: ',"_id":"${segment}:`',
        by: ',"_id":"${segment.slice(0, 10)}:`',
      },
    ],
  },
  {
    name: 'ids-that-change',
    about: 'a record gets a new id when it is delivered again',
    fault: 'kill',
    edits: [
      {
        file: 'pumps/elasticsearch/action-lines.js',
        replace: ',"_id":"${segment}:`',
        by: ',"_id":"${globalThis.process.pid}-${segment}:`',
      },
    ],
  },
  {
    name: 'no-takeover',
    about: 'no instance takes over what a killed instance had leased',
    fault: 'kill-replica',
    edits: [
      {
        file: 'src/purge/lease/takeover.js',
        replace: 'this.#stocked.length === 0 || most === 0',
        by: 'true',
      },
    ],
  },
  {
    name: 'leases-not-given-back',
    about: 'a stopping instance keeps its leases until they run out',
    fault: 'sigterm-hanging',
    edits: [
      {
        file: 'src/purge/lease/stream-leases.js',
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
        file: 'src/app/run-service.js',
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
        file: 'pumps/elasticsearch/answer.js',
        replace: 'if (isSuccess(status))\n        return delivered();',
        by: 'if (isSuccess(status) || status === 429)\n        return delivered();',
      },
    ],
  },
  {
    name: 'answer-not-read',
    about: 'a request with an answer counts as delivered, whatever the answer says',
    fault: 'sink-500-items',
    edits: [
      {
        file: 'pumps/elasticsearch/answer.js',
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
        replace: 'this.#storeOnce(() => letters.put(list, route, made),',
        by: 'this.#storeOnce(async () => ({ stored: 0, dropped: 0 }),',
      },
    ],
  },
  {
    name: 'half-an-answer-as-a-whole',
    about: 'records that an answer does not mention count as delivered',
    fault: 'sink-half-some',
    edits: [
      {
        file: 'pumps/elasticsearch/answer.js',
        replace: 'return malformed(`has ${items.length} items for ${count} records`);',
        by: 'return delivered();',
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
    about: 'memory is given back while ranges are still leased',
    fault: 'kill',
    edits: [
      {
        file: 'src/purge/scripts/reclaim.js',
        replace: "if group['pending'] > 0 then",
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
        file: 'src/route/attempts.js',
        replace: 'await this.#parts.sink.deliver(batch, abort.signal);',
        by: 'await (globalThis.turn = (globalThis.turn ?? Promise.resolve()).catch(() => 0).then(() => this.#parts.sink.deliver(batch, abort.signal)));',
      },
    ],
  },
  ...databaseMutants,
  ...exceptionalMutants,
];
