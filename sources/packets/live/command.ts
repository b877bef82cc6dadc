import type { Options } from '../options.ts';

export interface Command {
  readonly program: string;
  readonly argv: readonly string[];
}

/** A program as it is started in the namespace that the options name. */
export function inNamespace(netns: string, { program, argv }: Command): Command {
  if (netns === '') return { program, argv };
  const place = /^\d+$/.test(netns) ? `/proc/${netns}/ns/net` : netns;
  return { program: 'nsenter', argv: [`--net=${place}`, '--', program, ...argv] };
}

/** How packets are captured: whole, and written as they come, or a quiet interface would be seen late. */
export function captureCommand(options: Options): Command {
  const argv = [
    ...['-i', options.interface, '-s', '0', '-n', '-U', '-w', '-'],
    // In KiB.
    ...['-B', String(Math.ceil(options.kernel_buffer / 1024))],
    ...(options.filter === '' ? [] : [options.filter]),
  ];
  return inNamespace(options.netns, { program: options.tcpdump, argv });
}
