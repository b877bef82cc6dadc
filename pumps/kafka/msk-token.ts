import { createHash, createHmac } from 'node:crypto';

/** What AWS knows an account by. */
export interface AwsCredentials {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a role; empty: the key is a user's own. */
  readonly sessionToken: string;
}

/** Seconds that a token is good for: as long as AWS's own libraries say. */
const lifetime = 900;

/**
 * A token with which MSK lets an AWS account in over OAUTHBEARER: the address of a request to connect, signed (Signature
 * Version 4, in the query), in base64. AWS's package for it brings 75 others and 29 MB; the test has tokens that it made.
 */
export function mskToken(credentials: AwsCredentials, now: Date): string {
  const { region, accessKeyId, secretAccessKey, sessionToken } = credentials;
  const host = `kafka.${region}.amazonaws.com`;
  const time = now.toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const query = canonical({
    Action: 'kafka-cluster:Connect',
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(lifetime),
    'X-Amz-SignedHeaders': 'host',
    ...(sessionToken === '' ? {} : { 'X-Amz-Security-Token': sessionToken }),
  });
  const request = ['GET', '/', query, `host:${host}`, '', 'host', sha256('')].join('\n');
  const toSign = [algorithm, time, scope, sha256(request)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (before, part) => hmac(before, part),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, toSign).toString('hex');
  const address = `https://${host}/?${query}&X-Amz-Signature=${signature}&User-Agent=sluice`;
  return Buffer.from(address).toString('base64url');
}

const service = 'kafka-cluster';
const algorithm = 'AWS4-HMAC-SHA256';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** In the order of the names, with everything escaped that AWS escapes. */
const canonical = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted()
    .join('&');

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
