import { readFile } from 'node:fs/promises';
import {
  createHttpClient,
  type HttpClient,
  httpServers,
  jsonMember,
  jsonOf,
  type PumpContext,
  seconds,
} from '#pump';
import { mskToken } from './msk-token.ts';
import type { Options } from './options.ts';
import type { TokenLogin } from './producer/producer.ts';
import { isMsk, isOauth } from './settings.ts';

type Context = Pick<PumpContext, 'clock' | 'proxyFor'>;

/** A login by token, where the options say so. The token is asked for at every login; one that is good still is kept. */
export function tokenLogin(options: Options, context: Context): TokenLogin | undefined {
  const { sasl_mechanism, sasl_oauth_token, sasl_oauth_token_file } = options;
  if (isMsk(sasl_mechanism)) return { mechanism: 'oauthbearer', token: fromAws(options, context) };
  if (!isOauth(sasl_mechanism)) return undefined;
  const [url] = httpServers(options.sasl_oauth_token_url);
  const fromFile = async () => (await readFile(sasl_oauth_token_file, 'utf8')).trim();
  const asGiven = () => Promise.resolve(sasl_oauth_token.reveal());
  const token =
    url === undefined
      ? sasl_oauth_token_file === ''
        ? asGiven
        : fromFile
      : fromUrl(url, options, context);
  return { mechanism: 'oauthbearer', token };
}

function fromAws(options: Options, { clock }: Context): TokenLogin['token'] {
  const credentials = {
    region: options.aws_region,
    accessKeyId: options.aws_access_key_id,
    secretAccessKey: options.aws_secret_access_key.reveal(),
    sessionToken: options.aws_session_token.reveal(),
  };
  return () => Promise.resolve(mskToken(credentials, new Date(clock.now())));
}

/** Longest wait for an answer of the server of tokens. */
const patience = seconds(10);

/** The grant of client credentials (RFC 6749, 4.4). */
function fromUrl(url: URL, options: Options, { clock, proxyFor }: Context): TokenLogin['token'] {
  const { sasl_oauth_client_id, sasl_oauth_client_secret, sasl_oauth_scope } = options;
  const account = [sasl_oauth_client_id, sasl_oauth_client_secret.reveal()]
    .map(encodeURIComponent)
    .join(':');
  const headers = {
    authorization: `Basic ${Buffer.from(account).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  };
  const scope = sasl_oauth_scope === '' ? {} : { scope: sasl_oauth_scope };
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...scope }).toString();
  let kept: { readonly token: string; readonly until: number } | undefined;
  return async () => {
    if (kept !== undefined && clock.elapsed() < kept.until) return kept.token;
    const client = createHttpClient({ url, headers, proxy: proxyFor(url), clock });
    try {
      const { token, lifetime } = await askFor(client, form);
      // Ahead of its end; one that does not say how long it is good for is asked for anew.
      kept = { token, until: clock.elapsed() + lifetime * 800 };
      return token;
    } finally {
      client.close();
    }
  };
}

/** `lifetime` in seconds. */
async function askFor(
  client: HttpClient,
  form: string,
): Promise<{ readonly token: string; readonly lifetime: number }> {
  const outcome = await client.send(
    { method: 'POST', path: '', body: Buffer.from(form) },
    AbortSignal.timeout(patience),
  );
  if (!outcome.ok) throw new Error(`no token: ${outcome.failure.message}`);
  const said = jsonOf(outcome.answer);
  const token = jsonMember(said, 'access_token');
  if (outcome.answer.status !== 200 || typeof token !== 'string') {
    // Its own word for it is one of a list (RFC 6749, 5.2).
    const word = jsonMember(said, 'error');
    const shown = typeof word === 'string' && /^[\w-]{1,60}$/.test(word) ? `: ${word}` : '';
    throw new Error(`no token: its server answered ${outcome.answer.status}${shown}`);
  }
  return { token, lifetime: Number(jsonMember(said, 'expires_in')) || 0 };
}
