import { fileURLToPath } from 'node:url';
import { launch, until } from '../../../test/services/process.ts';

/** A process that answers as the servers do, as far as a client looks, and counts what it was asked. */
export async function startServer(
  folder: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL('answers.mjs', import.meta.url));
  const child = launch(process.execPath, [script], { cwd: folder, env: {} });
  const url = () => /http:\S+/.exec(child.output())?.[0];
  await until('it listens', () => Promise.resolve(url() !== undefined));
  return { url: url() ?? '', stop: () => child.stop() };
}
