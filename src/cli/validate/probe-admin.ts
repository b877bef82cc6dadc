import { once } from 'node:events';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
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
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}/metrics`;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
  // The one that runs may be configured otherwise, with TLS or without.
  for (const url of [`http://${at}`, `https://${at}`])
    try {
      if (/^sluice_/m.test(await pageOf(url, soon))) return true;
    } catch {
      // Whatever it is, it does not answer as we do.
    }
  return false;
}

/** Nothing is told to who answers, so its certificate does not matter. */
function pageOf(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? getSecurely : get;
    ask(url, { signal, agent: false, rejectUnauthorized: false }, (answer) => {
      if (answer.statusCode === 200) startOf(answer, signal).then(resolve, reject);
      else {
        answer.resume();
        resolve('');
      }
    }).on('error', reject);
  });
}

/** As much of a page as tells whose it is. */
async function startOf(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    signal.throwIfAborted();
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 1_000_000) break;
  }
  return text;
}
