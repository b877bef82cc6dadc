import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** In the order of their start; what is started here is stopped here, whatever happens. */
const running = [];

// The last resort, where an orderly stop is no longer possible.
process.once('exit', () => {
  for (const { child } of running) child.kill('SIGKILL');
});

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches the demo alone and the order of stopping is
 * ours. What it prints goes to a file.
 */
export function start(name, command, args, { logFile, env = process.env }) {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { detached: true, env, stdio: ['ignore', log, log] });
  const started = { name, child, logFile, exited: once(child, 'exit') };
  // A program that cannot be started ends without an exit.
  child.once('error', () => child.emit('exit', 127, null));
  started.exited.then(() => running.splice(running.indexOf(started), 1));
  running.push(started);
  return started;
}

/** Runs a program to its end and gives what it printed; throws with the end of that where it failed. */
export async function complete(name, command, args, options) {
  const program = start(name, command, args, options);
  const [status] = await program.exited;
  if (status !== 0) throw failure(program);
  return readFileSync(program.logFile, 'utf8');
}

/** Asks until `isReady` says so; throws when the program ends before, or after the limit in milliseconds. */
export async function until(program, isReady, limit) {
  const end = performance.now() + limit;
  while (!(await isReady())) {
    if (!running.includes(program)) throw failure(program);
    if (performance.now() > end) throw failure(program, `did not get there in ${limit / 1000} s`);
    await sleep(25);
  }
}

/** Ends everything, the last started first. */
export async function stopAll() {
  for (const program of [...running].reverse()) await stop(program);
}

export async function stop({ child, exited }) {
  child.kill('SIGTERM');
  const late = new AbortController();
  const kill = sleep(15_000, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await exited;
  late.abort();
  await kill;
}

function failure(
  { name, logFile, child },
  what = `ended with ${child.signalCode ?? `status ${child.exitCode}`}`,
) {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15);
  return new Error([`${name} ${what}. The end of what it printed:`, ...lines].join('\n  '));
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The first line of Redis's answer to a command, such as `+PONG`; empty where it does not answer. */
export function askRedis(port, command) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => settle(''));
    socket.once('error', () => settle(''));
    socket.once('data', (answer) => settle(answer.toString().split('\r\n', 1)[0]));
    socket.write(`${command}\r\n`);
  });
}
