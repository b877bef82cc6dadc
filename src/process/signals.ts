/** What the process does at each signal that a terminal, a supervisor or a person may send. */

/** Each asks for an orderly stop. */
const stops = ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const;

/** Without a handler each would end the process on the spot; SIGUSR1 would open Node's inspector to everybody on the machine. */
const ignored = {
  SIGUSR1: 'Node’s inspector stays closed',
  SIGUSR2: 'it has no meaning here',
} as const;

export interface SignalActions {
  /** Closing its terminal stops a command, and must not stop a service. */
  readonly isService: () => boolean;
  readonly stop: (signal: string) => void;
  /** A service reads its configuration again. */
  readonly hangUp: () => void;
  readonly sayIgnored: (signal: string, why: string) => void;
}

export function watchSignals({ isService, stop, hangUp, sayIgnored }: SignalActions): void {
  for (const signal of stops) process.on(signal, () => stop(signal));
  for (const [signal, why] of Object.entries(ignored))
    process.on(signal, () => sayIgnored(signal, why));
  process.on('SIGHUP', () => {
    if (isService()) hangUp();
    else stop('SIGHUP');
  });
  // A file has reached the limit of the process (`ulimit -f`): the write that did it fails, and who wrote says so.
  process.on('SIGXFSZ', () => undefined);
}
