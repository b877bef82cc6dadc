import type { Source, SourceContext } from '#source';
import { Counting } from '../shared/diagnosis/counting.ts';
import { filtersOf } from '../shared/diagnosis/filters.ts';
import { newTally } from '../shared/wire/conversation.ts';
import { startCollector } from './collector.ts';
import { Conversations } from './conversations.ts';
import { loaderCommand } from './loader/find.ts';
import { Meter } from './meter.ts';
import type { Options } from './options.ts';
import { reportOf } from './report.ts';
import { readSelector } from './watch/selector.ts';
import { Watcher } from './watch/watcher.ts';
import { AllTraffic } from './workloads/traffic.ts';

/** Starts the loader and watches; rejects with a `StartError` where it cannot begin. */
export function startEbpf(given: Options, context: SourceContext): Promise<Source> {
  const { name, log, clock, metrics, copies } = context;
  const watcher = new Watcher(
    {
      selectors: given.watch.flatMap((text) => readSelector(text) ?? []),
      isEverything: given.every_process,
      includesChildren: given.children,
    },
    { log, clock },
    process.pid,
  );
  const traffic = new AllTraffic(name, metrics);
  const conversations = new Conversations({
    counting: new Counting(name),
    filters: filtersOf({ ports: [], hosts: [], paths: [] }),
    tally: newTally(),
    copies,
    // A reload may change it.
    get bodyLimit() {
      return context.bodyLimit;
    },
    directions: { in: given.incoming, out: given.outgoing },
    processOf: (pid) => watcher.find(pid),
    trafficOf: (facts) => traffic.of(facts),
    record(exchange) {
      calls++;
      context.record(exchange);
    },
  });
  const meter = new Meter(name, { log, clock, metrics });
  let [calls, from] = [0, clock.now()];
  const report = (): void => {
    const to = clock.now();
    const { workloads, blind } = watcher;
    const interval = { from, to, workloads, blind, grown: meter.takeInterval(), calls };
    context.report?.(reportOf(interval));
    [calls, from] = [0, to];
  };
  return startCollector({
    command: loaderCommand(given.loader),
    lookEvery: given.look_every,
    isSwitchable: given.switchable,
    ...{ watcher, meter, traffic, taker: conversations, clock, log, report },
  });
}
