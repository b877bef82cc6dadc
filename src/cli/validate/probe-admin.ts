import { once } from 'node:events';
import { createServer } from 'node:net';
import type { HealthConfig } from '../../config/config.ts';
import { codeOf } from '../../config/files.ts';
import { explain } from '../../lib/errors.ts';
import type { Health } from '../../pump/sink.ts';

/** Whether the health and metrics server could listen; `unknown`: a Sluice does already. */
export type ProbeAdmin = (health: HealthConfig, signal: AbortSignal) => Promise<Health>;

/** Listens for a moment, as the start would. */
export const probeAdmin: ProbeAdmin = async ({ address, port }, signal) => {
  const server = createServer();
  server.listen({ port, ...(address === '' ? {} : { host: address }) });
  try {
    await once(server, 'listening', { signal });
    return { state: 'up' };
  } catch (error) {
    signal.throwIfAborted();
    return await explained(error, { address, port }, signal);
  } finally {
    server.close();
  }
};

const options = 'health_check_endpoint_port, sluice.health_address';

async function explained(
  error: unknown,
  at: Pick<HealthConfig, 'address' | 'port'>,
  signal: AbortSignal,
): Promise<Health> {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return (await isSluice(at, signal))
        ? {
            state: 'unknown',
            reason: 'a Sluice that runs here has it; a second one needs another port',
          }
        : { state: 'down', reason: `another program has it; choose another (${options})` };
    case 'EACCES':
      return { state: 'down', reason: `this user may not listen there (${options})` };
    default:
      return { state: 'down', reason: `${explain(error)} (${options})` };
  }
}

/** Whether who listens there shows our metrics. */
async function isSluice(
  { address, port }: Pick<HealthConfig, 'address' | 'port'>,
  signal: AbortSignal,
): Promise<boolean> {
  const host = address === '' || address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
  try {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const answer = await fetch(url, { signal: soon });
    const page = await startOf(answer, soon);
    return answer.ok && /^sluice_/m.test(page);
  } catch {
    // Whatever it is, it does not answer as we do.
    return false;
  }
}

/** As much of a page as tells whose it is. */
async function startOf({ body }: Response, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  if (body === null) return text;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    signal.throwIfAborted();
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 1_000_000) break;
  }
  return text;
}
