import { explain, type Source, type SourceContext, seconds } from '#source';
import { watchFiles } from '../shared/files/watch.ts';
import { startListener } from '../shared/listen/start-listener.ts';
import { createRelay } from '../shared/relay/create-relay.ts';
import { createDecide } from './decide/decide.ts';
import type { Options } from './options.ts';
import { RuleBook } from './rule-book.ts';

const lookEvery = seconds(1);

/** Rejects with a `StartError` where it cannot listen, or has nothing to serve. */
export async function startGateway(options: Options, context: SourceContext): Promise<Source> {
  const { clock, log, metrics } = context;
  const book = await RuleBook.open(options, context);
  const relay = createRelay({
    ...{ source: 'gateway', direction: 'in', context },
    decide: createDecide(() => book.rules, clock),
  });
  const listening = startListener({
    ...{ source: 'gateway', direction: 'in', listen: options.listen, http2: options.http2 },
    ...(options.certificates.length === 0
      ? {}
      : { tls: { certificates: certificatesOf(options) } }),
    ...{ onSocket: (socket) => relay.accept(socket), log, metrics, clock },
    turnedAway: context.turnedAway,
  });
  const listener = await listening.catch(async (error: unknown) => {
    await book.stop();
    throw error;
  });

  // One at a time: a change that comes while files are read is read after them.
  let reading: Promise<void> = Promise.resolve();
  const reload = (): Promise<void> => {
    // Each stays what it was where it is wrong, and the other counts all the same: the log says which.
    reading = reading.then(async () => {
      await book.reload();
      await listener
        .reload()
        .catch((error: unknown) =>
          log.error(
            { error: explain(error) },
            'Certificates cannot be used. Those from before serve on.',
          ),
        );
    });
    return reading;
  };
  const unwatch = options.watch
    ? watchFiles(() => filesOf(options), { clock, every: lookEvery, changed: reload })
    : undefined;
  return {
    listensAt: [listener.address],
    reload,
    async stop(signal) {
      unwatch?.();
      await listener.stop();
      await relay.close(signal);
      await book.stop();
    },
  };
}

const certificatesOf = ({ certificates }: Options) =>
  certificates.map(({ names, cert, key }) => ({ names, certFile: cert, keyFile: key }));

const filesOf = ({ apis, policies, certificates }: Options): readonly string[] => [
  ...(apis === '' ? [] : [apis]),
  ...(policies === '' ? [] : [policies]),
  ...certificates.flatMap(({ cert, key }) => [cert, key]),
];
