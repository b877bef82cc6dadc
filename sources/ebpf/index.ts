import { defineSource } from '#source';
import { Counting } from '../shared/diagnosis/counting.ts';
import { filtersOf } from '../shared/diagnosis/filters.ts';
import { newTally } from '../shared/wire/conversation.ts';
import { startCollector } from './collector.ts';
import { Conversations } from './conversations.ts';
import { loaderCommand } from './loader/find.ts';
import { Meter } from './meter.ts';
import { check, options } from './options.ts';
import { readSelector } from './watch/selector.ts';
import { Watcher } from './watch/watcher.ts';

export default defineSource({
  type: 'ebpf',
  title: 'TLS of running programs',
  summary:
    'What programs read from TLS and write to it, in the clear, seen by the kernel: no restart, no certificate, no proxy.',
  options,
  words: 'watch',
  check,
  start(given, context) {
    const { name, log, clock, metrics, bodyLimit, copies } = context;
    const watcher = new Watcher(
      {
        selectors: given.watch.flatMap((text) => readSelector(text) ?? []),
        isEverything: given.every_process,
        includesChildren: given.children,
      },
      log,
      process.pid,
    );
    const conversations = new Conversations({
      counting: new Counting(name),
      filters: filtersOf({ ports: [], hosts: [], paths: [] }),
      tally: newTally(),
      ...{ bodyLimit, copies },
      directions: { in: given.incoming, out: given.outgoing },
      processOf: (pid) => watcher.find(pid),
      record: (exchange) => context.record(exchange),
    });
    return startCollector({
      command: loaderCommand(given.loader),
      lookEvery: given.look_every,
      meter: new Meter(name, { log, clock, metrics }),
      ...{ watcher, taker: conversations, clock, log },
    });
  },
});
