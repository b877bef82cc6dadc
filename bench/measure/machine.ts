import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Where, with what and by which command something was measured. */
export interface Machine {
  readonly kind: 'machine';
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
  /** Of the last minute, before the first run. */
  readonly load: number;
  readonly command: string;
  /** The commit of this checkout; a plus sign where files differ from it. */
  readonly commit: string;
}

export const describeMachine = (redis: string, args: readonly string[]): Machine => ({
  kind: 'machine',
  at: new Date().toISOString(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
  redis,
  load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  command: commandOf(args),
  commit: commitOf('.') ?? 'unknown',
});

/** As one would type it, without the folders of this machine. */
export function commandOf(args: readonly string[]): string {
  const words = args.map((arg) => {
    const short = arg.replace(/(^|[\s"'=])\/\S*\/(?=\S)/g, '$1…/');
    return /\s/.test(short) ? `"${short}"` : short;
  });
  return ['npm run bench', ...(words.length === 0 ? [] : ['--', ...words])].join(' ');
}

/** The commit of a checkout, with a plus sign where what runs differs from it; undefined outside of one. */
export function commitOf(folder: string): string | undefined {
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync('git', ['-C', folder, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    const isChanged = git('status', '--porcelain', '--', 'src', 'pumps') !== '';
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`;
  } catch {
    return undefined;
  }
}
