/**
 * One word per thing, everywhere, in the order in which a record meets them, with what it means in a sentence. The console shows
 * the sentence at the word, and ARCHITECTURE.md, section 3, has the same rows (a test compares them): whoever adds a word there adds
 * it here.
 */
export const vocabulary: readonly (readonly [words: string, means: string])[] = [
  [
    '**record**',
    'one API call as the gateway saw it; an **uptime record**: one look of the gateway at an upstream',
  ],
  [
    '**list**',
    "a list of the gateway's in Redis, to which it pushes records: the bare name or a shard, in one encoding; or that of uptime records",
  ],
  [
    '**capture**, **exchange**',
    'making records of calls that no gateway sees (docs/capture.md); one call and its answer, or one connection that nobody looked into, as a source saw it',
  ],
  [
    '**recorder**',
    "what writes captured records into the gateway's lists: a bounded queue, and one that empties it",
  ],
  [
    '**purge**',
    'what a process does with all lists: round after round it claims, reclaims, and keeps the bounds; named as in Tyk Pump',
  ],
  ['**round**', 'one look of the purge at every list'],
  ['**claim**, **reclaim**', 'taking records from the gateway; giving the memory back'],
  ['**segment**', 'an immutable list of records claimed from a list'],
  ['**range**', 'a slice of a segment, the unit of lease and settling'],
  ['**manifest**, **manifest entry**', "the stream of a list's ranges; one range in it"],
  [
    '**adopt**',
    'giving a segment that nothing names its manifest entries back; on disk, taking over the spill of an instance that is gone',
  ],
  ['**record id**', '`<segment id>:<index>`: the same over retries, restarts and instances'],
  [
    '**region**, **elements**',
    'memory that the answer to one question is written into; the elements of a list in it, side by side, with their places',
  ],
  ['**chunk**', 'the decoded records of a range'],
  [
    '**source**',
    'what routes read from: the leases of each route, and chunks. Of `sluice capture`: a way of seeing calls, a folder',
  ],
  [
    '**lease**, **settle**',
    'a range lent to a route; its being answered for, acknowledged and booked',
  ],
  [
    '**take over**, **give back**',
    'leasing what another consumer let run out; ending a lease unanswered, so that others need not wait',
  ],
  [
    '**consumer**, **instance**',
    'the name in the consumer groups of whoever leases: of the process, or of one worker thread; a process',
  ],
  [
    '**standing**, **survey**',
    'where a route stands on a list: its oldest unanswered entry and its lag; the standings, books and sizes of a list, read at once',
  ],
  [
    '**ledger**',
    'per route, what became of every record; it must close. To write to it is to **book**',
  ],
  ['**lag**', 'what a route has not answered for yet, in records and seconds'],
  [
    '**age**',
    'of a record: from its own time, which the gateway wrote, to the sink’s answer for it',
  ],
  ['**flow**', 'records were claimed within the last ten seconds: more may come at any moment'],
  ['**vanished**', 'records that are no longer in Redis though nobody of ours took them'],
  ['**bound**', 'how much may be kept somewhere; what happens there is a policy'],
  [
    '**check**, **finding**',
    'what `sluice doctor` looks at; how it found one thing, with why it matters and what to do',
  ],
  [
    '**expire** (of a list)',
    "to be deleted by Redis with all its records because the gateway's time-to-live is over: lost, where nobody claimed it before",
  ],
  ['**shed**, **hold**', 'records dropped for one route at the bound; claiming pauses there'],
  [
    '**spill**, **relief**',
    'ranges of a lagging route moved from Redis to local disk; asking for that at the bound',
  ],
  [
    '**popping**, **feeding**',
    'the ways of taking records without streams: where Redis refuses them; from memory (demo mode), or from files to one route (`sluice feed`)',
  ],
  ['**pump**', 'a kind of destination: code, a folder'],
  ['**kit**', 'what a pump may use of the service: `#pump`, from outside the tree `sluice/pump`'],
  ['**plugin**', 'a pump from outside the tree: a module that an entry names as its type'],
  ['**sink**', 'an opened pump, with a connection'],
  ['**route**', 'a configured use of a pump: name, filter, edits, limits, sink'],
  [
    '**rules**, **treatment**',
    'what an operator wants done to records, for all pumps or for one (`filter`, `redact`, `fields`, `sample`, `enrich`); the same compiled for a route',
  ],
  ['**filter**, **edit**', 'which records a route delivers; what it changes of them first'],
  [
    '**query**',
    'an expression that selects records: its text, or the tree that the text is read as (docs/query.md)',
  ],
  [
    '**sample**, **weight**',
    'the share of the records that goes on, decided by record id; for how many records one of them stands',
  ],
  [
    '**draft**, **rewrite**',
    'what shall be otherwise in a record; to make a record of it, with bytes of its own in the encoding of the first',
  ],
  ['**redact**', 'to take a value out of a record, wherever it stands in it'],
  [
    '**look**, **trigger**',
    'going over a text once, byte by byte; the three letters by which it tells where a secret may begin',
  ],
  ['**quiet**', 'of a message: its bytes alone tell that nothing is to be redacted in it'],
  [
    '**value in force**, **preview**',
    'what an option says after file, variables, presets and defaults, with who said it (`config/effective.ts`); what a route would make of records, of which nothing is sent (`operate/preview.ts`)',
  ],
  [
    '**tap**, **listener**',
    'a look at records as they are handed to a sink; one client that looks on',
  ],
  ['**document**', 'what a pump sends of a record, as a shape; `fields` changes it'],
  [
    '**holdings**',
    'what a route has on its hands: bytes, and ranges with records that are unanswered',
  ],
  [
    '**open range**',
    'a range that a route has leased and not yet settled, with its **tally**: how many records came to which end',
  ],
  [
    '**item**, **entry**',
    'a record on its way through a route; the same as the sink sees it, with its record id',
  ],
  ['**batch**', 'records sent to one sink in one call'],
  [
    '**outbox**',
    'what waits to be sent: fresh items, of which the batcher makes batches, and retries',
  ],
  [
    '**attempt**',
    'a batch that the sink has been asked about; it ends with the answer or at its deadline',
  ],
  [
    '**lent writer**',
    'a writer whose buffer is used again: lent to a batch until nothing can be read from it any more',
  ],
  [
    '**let go** (`letGo`)',
    "a route reads nothing of a range's records any more; when all routes have, the memory is used again",
  ],
  ['**verdict**, **delivery**', 'what became of one record; the verdicts of one batch'],
  ['**failure**', 'why not: one of seven kinds, and words for people'],
  [
    '**answer** (`answer.ts`)',
    'of a destination: what it said to a request, before it is a verdict',
  ],
  [
    '**opening** (`opening.ts`)',
    'what a pump does before its first batch: connect, ask for a version, make a template',
  ],
  ['**courier**', 'who acts on verdicts'],
  ['**judgement**', 'what follows from a delivery: who is delivered, rejected, sent again'],
  [
    '**retry**',
    'an item to be sent again, after its back-off; **retry budget**: the share of attempts that retries may take',
  ],
  [
    '**pace**',
    'whether attempts may begin (**breaker**: not while the sink is out of order; **brake**: not while it refuses everything) and how many at once (**concurrency**)',
  ],
  ['**probe**', 'one attempt, or one check, to find out whether a sink works again'],
  [
    '**suspect**, **strike**, **stubborn**',
    'a record that may be why its batch fails; a failure of which its sink was not the cause; a record with too many of them',
  ],
  [
    '**dead letter**',
    'a rejected record kept with its reason; **undecodable**, **unread**: elements that are no record, or that Redis cannot send',
  ],
  ['**portion**', 'as many of many things as go in one call'],
  [
    '**control**',
    'what an operator wants of a route, beside the configuration, in all instances: kept in Redis (docs/routes.md)',
  ],
  [
    '**stale**',
    "a record that was older than the route's `max_age` when it was to be sent, and was left out",
  ],
  [
    '**rewind**, **redelivered**, **skipped**',
    'a route is given again what is kept; records given again; records that an operator left out',
  ],
  [
    '**rate**, **credit**, **throttle**',
    'most that a sink is sent in a second; what of it may be sent now; who holds a route to it',
  ],
  [
    '**pause**, **resume**, **shorten**, **halt**',
    'an operator wants nothing sent to a sink; that ends; how a route ends then, and when it is handed over: it finishes ranges of which something was sent (**shorten**), and a pause soon lets nothing begin (**halt**)',
  ],
  ['**crew**', 'the routes of one thread, made, supervised and ended together'],
  [
    '**assignment**, **plan**',
    'a route as one thread runs it, with its share of the limits; all assignments',
  ],
  [
    '**pool**, **worker slot**, **worker thread**',
    'all workers; the place of one, which one thread after the other takes; one of these, until it ends',
  ],
  ['**task**', 'what a worker is told at its start'],
  ['**bell**', 'wakes a loop before its time'],
  ['**meter**', 'the metrics of one part, by what happened'],
  [
    '**signal**, **trace**, **step**',
    'metrics, traces or logs, as OpenTelemetry names what is sent of the service itself; what became of one batch that is **followed**; something that was done with it, and when',
  ],
  [
    '**shape**, **writer**',
    "a document's fields, declared by a pump; what turns record bytes into that document, made once when the pump opens",
  ],
  [
    '**program**, **exception**',
    "a shape as rows of numbers, which one function runs over a record's bytes; a value that it leaves to the **interpreter**, which can write all",
  ],
  [
    '**memo**',
    'what was made of a text, found again by its bytes; a **chunk memo**: what rules made of a chunk’s records, found again by their place',
  ],
  [
    '**fold**, **aggregate**',
    'counting many records at once; what was counted of those of one **bucket** (a stretch of time) and one organisation',
  ],
  [
    '**endpoint**, **role**',
    'one thing that can be asked of the Admin API; what a user may ask: `viewer`, `operator`. A route is never an endpoint',
  ],
  [
    '**dimension**, **tally**',
    'one of the ways in which an aggregate groups records, such as by path; a counter with its dimension and value',
  ],
  [
    '**model** (API model)',
    'what is known of an API from its calls: per host a tree of paths, and what was seen of each **operation** (docs/model.md)',
  ],
  [
    '**template**, **literal**',
    'a path whose segments that are values stand in braces; a segment that is a word of the API',
  ],
  [
    '**baseline**, **violation**',
    'a model that does not change any more, to which calls are held; a way in which one is not as it says',
  ],
  [
    '**traffic store**, **volume**',
    'the last calls with their payloads, kept by the pump `traffic` to be searched (docs/traffic.md); one of its files, the calls of a stretch of time',
  ],
  [
    '**habits**',
    'of an API: how many of its members are optional, which tells what few samples mean',
  ],
];

/** What a word means; of a row with several words its own part, where there is one for each. */
export function meaningOf(word: string): string | undefined {
  for (const [words, means] of vocabulary) {
    const named = [...words.matchAll(/\*\*(.+?)\*\*/g)].map(([, each]) => each);
    const at = named.indexOf(word);
    if (at < 0) continue;
    const parts = means.split('; ');
    return (parts.length === named.length ? (parts[at] ?? means) : means).replaceAll('**', '');
  }
  return undefined;
}
