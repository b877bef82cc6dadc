import { type Child, freePort, launch, untilReady } from './process.ts';
import { needPython } from './python.ts';

/** Moto plays Amazon's services: S3, and all others that it knows, at one address. */
export interface Moto {
  readonly url: string;
  /** It takes any, until `askForKeys`. */
  readonly keys: { readonly access_key_id: string; readonly secret_access_key: string };
  output(): string;
  /** Forgets all that it holds, and asks for no keys again. */
  reset(): Promise<void>;
  /**
   * From now on it checks signatures, and what a user may do: gives the keys of one who may do what the statements of a policy
   * allow.
   */
  askForKeys(statements: readonly PolicyStatement[]): Promise<Moto['keys']>;
  /** Ends it, and what it holds. */
  stop(): Promise<void>;
}

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string;
  readonly Resource: string;
}

/** The Python that has it; 320 MB, half a minute the first time. Throws `Unavailable` where it cannot be had. */
export const needMoto = (): Promise<string> =>
  needPython({ name: 'moto', version: '5.2.5', extras: ['server'] });

/** Moto's server on 127.0.0.1, started in three seconds. Throws `Unavailable` where there is none. */
export async function startMoto(): Promise<Moto> {
  const python = await needMoto();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child: Child = launch(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)]);
  await untilReady(child, 'moto', async () => (await fetch(`${url}/moto-api/`)).ok);
  const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}${path}`, { method: 'POST', body, headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`moto answered ${answer.status}: ${text}`);
    return text;
  };
  return {
    url,
    keys: { access_key_id: 'anybody', secret_access_key: 'any-secret' },
    output: () => child.output(),
    async reset() {
      await post('/moto-api/reset-auth', 'inf');
      await post('/moto-api/reset', '');
    },
    async askForKeys(statements) {
      // Which of its services is asked, it takes from the signature, which it does not look at yet.
      const signature = 'AWS4-HMAC-SHA256 Credential=anybody/20260101/us-east-1/iam/aws4_request';
      const iam = (values: Readonly<Record<string, string>>) =>
        post('/', new URLSearchParams({ Version: '2010-05-08', ...values }).toString(), {
          authorization: `${signature}, SignedHeaders=host, Signature=0`,
          'content-type': 'application/x-www-form-urlencoded',
        });
      const UserName = 'sluice';
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await iam({ Action: 'CreateUser', UserName });
      await iam({ Action: 'PutUserPolicy', UserName, PolicyName: 'its', PolicyDocument });
      const made = await iam({ Action: 'CreateAccessKey', UserName });
      const valueOf = (name: string): string =>
        new RegExp(`<${name}>([^<]+)</${name}>`).exec(made)?.[1] ?? '';
      await post('/moto-api/reset-auth', '0');
      return {
        access_key_id: valueOf('AccessKeyId'),
        secret_access_key: valueOf('SecretAccessKey'),
      };
    },
    stop: () => child.stop(),
  };
}
