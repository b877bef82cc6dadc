import { fileURLToPath } from 'node:url';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

const program = fileURLToPath(new URL('../../node_modules/s3rver/bin/s3rver.js', import.meta.url));

export interface S3Server {
  readonly url: string;
  /** What it knows its clients by. */
  readonly keys: { readonly access_key_id: string; readonly secret_access_key: string };
  kill9(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** An S3 of the package s3rver on 127.0.0.1, with these buckets. */
export async function startS3(buckets: readonly string[]): Promise<S3Server> {
  const directory = await scratchFolder('s3');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['--directory', directory, '--address', '127.0.0.1', '--port', String(port)];
  let child: Child | undefined;
  const isUp = async (): Promise<boolean> => (await fetch(url)).status > 0;
  const start = async (): Promise<void> => {
    if (child?.isRunning() === true) return;
    const made = buckets.flatMap((bucket) => ['--configure-bucket', bucket]);
    child = launch(process.execPath, ['--no-deprecation', program, ...args, ...made]);
    await untilReady(child, 's3rver', isUp, 30_000);
  };
  await start();
  return {
    url,
    keys: { access_key_id: 'S3RVER', secret_access_key: 'S3RVER' },
    start,
    kill9: async () => child?.kill9(),
    stop: async () => child?.stop(),
  };
}
