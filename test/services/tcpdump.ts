import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needProgram } from './debian.ts';
import { Unavailable } from './process.ts';

const run = promisify(execFile);

/** tcpdump, and the right to capture with it. */
export async function needTcpdump(): Promise<string> {
  const program = await needProgram('tcpdump', ['tcpdump']);
  try {
    // It opens the interface, says what it can give, and ends.
    await run(program, ['-i', 'lo', '-L'], { timeout: 10_000 });
  } catch {
    throw new Unavailable('This machine does not permit tcpdump to capture.');
  }
  return program;
}

/** Network namespaces: iproute2, and the right to make them. */
export async function needNamespaces(): Promise<string> {
  const program = await needProgram('ip', ['iproute2']);
  const name = `sluice-try-${process.pid}`;
  try {
    await run(program, ['netns', 'add', name]);
    await run(program, ['netns', 'delete', name]);
  } catch {
    throw new Unavailable('This machine does not permit to make network namespaces.');
  }
  return program;
}
