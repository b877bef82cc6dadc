import { describe, expect, it } from 'vitest';
import { millis } from '#source';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { type Loader, LoaderFault } from '../loader/loader.ts';
import type { ProcessFacts } from './processes.ts';
import { type Choice, readSelector } from './selector.ts';
import { Watcher } from './watcher.ts';

const facts = (pid: number, name: string, start = 1): ProcessFacts => ({
  ...{ pid, parent: 0, start, uid: 0, name, program: `/bin/${name}`, container: undefined },
  ...{ libraries: ['/usr/lib/libssl.so.3'], unseen: [], isReadable: true },
});

/** A loader that does what it is told; `fail` rejects the next watch. */
class Told implements Loader {
  processes: ProcessFacts[] = [facts(1, 'nginx'), facts(2, 'curl')];
  readonly watched = new Set<number>();
  fail: Error | undefined;

  list() {
    return Promise.resolve(this.processes);
  }

  watch(pid: number, start: number) {
    const error = this.fail;
    this.fail = undefined;
    if (error !== undefined) return Promise.reject(error);
    this.watched.add(pid);
    const library = { file: '/usr/lib/libssl.so.3', probes: 'inner' } as const;
    return Promise.resolve({ start, libraries: [library] });
  }

  unwatch(pid: number) {
    this.watched.delete(pid);
    return Promise.resolve();
  }

  stop = () => Promise.resolve();
}

function watcher(...watch: readonly string[]) {
  const choice: Choice = {
    selectors: watch.flatMap((text) => readSelector(text) ?? []),
    ...{ isEverything: false, includesChildren: true },
  };
  return new Watcher(choice, { log: memoryLog(), clock: { now: () => millis(7) } }, 99);
}

describe('a process that is switched', () => {
  it('is watched although nobody has configured it, and no longer although somebody has', async () => {
    const [loader, one] = [new Told(), watcher('name:nginx')];
    await one.look(loader);
    expect([...loader.watched]).toEqual([1]);
    one.want('1-1', false);
    one.want('2-1', true);
    await one.look(loader);
    expect([...loader.watched]).toEqual([2]);
    expect(one.wish('1-1')).toEqual({ isOn: false, at: 7 });
    one.want('1-1', true);
    await one.look(loader);
    expect([...loader.watched].sort()).toEqual([1, 2]);
  });

  it('stays as it was switched when another loader comes', async () => {
    const one = watcher('name:nginx');
    one.want('1-1', false);
    one.want('2-1', true);
    await one.look(new Told());
    one.forget();
    const next = new Told();
    await one.look(next);
    expect([...next.watched]).toEqual([2]);
  });

  it('is not one that later has its number', async () => {
    const [loader, one] = [new Told(), watcher('name:nginx')];
    one.want('2-1', true);
    await one.look(loader);
    loader.processes = [facts(2, 'bash', 50)];
    await one.look(loader);
    expect([[...loader.watched], one.wish('2-1')]).toEqual([[], undefined]);
  });

  it('takes those along that it starts', async () => {
    const [loader, one] = [new Told(), watcher('name:nginx')];
    loader.processes.push({ ...facts(3, 'worker'), parent: 2 });
    one.want('2-1', true);
    await one.look(loader);
    expect([...loader.watched].sort()).toEqual([1, 2, 3]);
  });
});

it('does not blame a process for a loader that was gone in the middle of it', async () => {
  const [loader, one] = [new Told(), watcher('name:nginx')];
  loader.fail = new LoaderFault('it ended by SIGKILL');
  await expect(one.look(loader)).rejects.toThrow('SIGKILL');
  expect(one.workloads).toEqual([]);
  await one.look(loader);
  expect([...loader.watched]).toEqual([1]);
});

it('says why the loader refuses a process, and does not ask again and again', async () => {
  const [loader, one] = [new Told(), watcher('name:nginx')];
  loader.fail = new Error('a probe was refused');
  await one.look(loader);
  await one.look(loader);
  expect(one.workloads.map(({ state }) => state)).toEqual([
    { is: 'refused', reason: 'a probe was refused' },
  ]);
  expect(loader.watched.size).toBe(0);
});
