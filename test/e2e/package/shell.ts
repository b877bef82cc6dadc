import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { until } from '../../services/process.ts';

/** What a person's terminal has: nothing of the npm and the test runner that this process was started by. */
export function operatorEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(?!config_)|npm_config_(local|global)_prefix$|INIT_CWD$|NODE_ENV$|VITEST|TEST$|TYK_|PMP_)/;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  // What is in npm's cache already need not come again.
  return { ...Object.fromEntries(kept), npm_config_prefer_offline: 'true' };
}

/** A shell that is typed into, with the job control and the aliases of an interactive one. Its jobs end with it. */
export class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = '';
  #prompts = 0;

  constructor(cwd: string) {
    this.#child = spawn('bash', ['--norc', '--noprofile', '-m', '-O', 'expand_aliases'], {
      cwd,
      env: operatorEnvironment(),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    this.#put(`trap 'echo "failed: $BASH_COMMAND"' ERR`);
    // Also when this process is gone, and with it the shell's input.
    this.#put(`trap 'kill -KILL $(jobs -p) 2>/dev/null' EXIT`);
  }

  /** Types `text` as it is and waits until the prompt would be back; gives what appeared meanwhile. */
  async type(text: string): Promise<string> {
    const from = this.#output.length;
    const prompt = `--- prompt ${++this.#prompts} ---`;
    this.#put(`${text.trimEnd()}\necho '${prompt}'`);
    const isBack = () => this.#output.includes(prompt, from);
    await until('the shell is done', () => isBack() || this.#child.exitCode !== null, 300_000);
    if (!isBack()) throw new Error(`The shell has ended:\n${this.#output}`);
    return this.#output.slice(from, this.#output.indexOf(prompt, from));
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await until('the shell has ended', () => this.#child.exitCode !== null);
  }

  #put(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }
}
