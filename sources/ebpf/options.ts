import { duration, flag, list, type OptionsOf, type SourceRule, text } from '#source';
import { readSelector, selectorWords } from './watch/selector.ts';

export const options = {
  watch: list(text({ doc: 'Processes.' }), {
    doc: 'Whose TLS is looked into: process ids, paths of programs such as `/usr/sbin/nginx`, `name:nginx`, `container:` with the first digits of its id. Others are not touched.',
    default: [],
  }),
  every_process: flag({
    doc: 'Looks into the TLS of every process of the machine, but for this one. For a machine that is all yours.',
    default: false,
  }),
  switchable: flag({
    doc: 'Processes that `watch` does not name can be switched on while they run, at `/api/workloads` of `admin.listen`: `watch` may be empty then. Whoever may ask there may read their TLS.',
    default: false,
  }),
  children: flag({
    doc: 'Also those that a watched process starts, and theirs.',
    default: true,
  }),
  incoming: flag({ doc: 'Records calls that watched processes answer.', default: true }),
  outgoing: flag({ doc: 'Records calls that watched processes make.', default: true }),
  look_every: duration({
    doc: 'How often processes are looked for. What one of them says before it is found is not seen.',
    default: '2s',
    min: '100ms',
  }),
  loader: list(text({ doc: 'A word of the command.' }), {
    doc: 'The command that starts the loader, the only part that needs rights, such as `[sudo, -n, /usr/lib/sluice/sluice-ebpf]`. Empty: the one that `npm run build:ebpf` made.',
    default: [],
  }),
};

export type Options = OptionsOf<typeof options>;

export function* check(given: Options): Iterable<SourceRule> {
  for (const [index, one] of given.watch.entries())
    if (readSelector(one) === undefined)
      yield { key: `watch[${index}]`, severity: 'error', message: selectorWords };
  if (given.watch.length === 0 && !given.every_process && !given.switchable)
    yield {
      key: 'watch',
      severity: 'error',
      message:
        'at least one process, or every_process: true, or switchable: true; "sluice capture workloads" lists them',
    };
  if (given.watch.length > 0 && given.every_process)
    yield { key: 'watch', severity: 'error', message: 'nothing, as every_process is true' };
  if (!given.incoming && !given.outgoing)
    yield { key: 'outgoing', severity: 'error', message: 'true, or incoming: true' };
}
