import {
  credentialsIn,
  type HttpClient,
  httpServers,
  openHttpClient,
  type PumpContext,
} from '#pump';
import type { Options } from './options.ts';

/**
 * Not the `influx` package: it has no abort signal, repeats requests by itself and makes texts of answers. One request
 * is all that is needed.
 */
export function openClient(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpClient> {
  const [url] = httpServers(options.address);
  const { username, password } = options;
  const said =
    username === '' ? url && credentialsIn(url) : { username, password: password.reveal() };
  const headers = said === undefined ? {} : { authorization: `Basic ${base64(said)}` };
  return openHttpClient({ url, headers }, options, context, signal);
}

const base64 = (said: { readonly username: string; readonly password: string }): string =>
  Buffer.from(`${said.username}:${said.password}`).toString('base64');
