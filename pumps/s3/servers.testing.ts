import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { type Moto, startMoto } from '../../test/services/moto.ts';
import { startOutage } from '../../test/services/outage.ts';
import { startS3 } from '../../test/services/s3rver.ts';

/** The bucket that every server has. */
const bucket = 'records';

export interface Server {
  readonly url: string;
  readonly keys: { readonly access_key_id: string; readonly secret_access_key: string };
  readonly break: () => Promise<void>;
  readonly restore: () => Promise<void>;
  readonly stall?: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** s3rver goes away as a process. */
export async function startS3rver(): Promise<Server> {
  const server = await startS3([bucket]);
  const { url, keys } = server;
  return {
    ...{ url, keys },
    break: () => server.kill9(),
    restore: () => server.start(),
    stop: () => server.stop(),
  };
}

/** Moto holds all in memory, so it is the way to it that breaks. */
export async function startMotoBehindOutage(): Promise<Server & { readonly moto: Moto }> {
  const moto = await startMoto();
  const outage = await startOutage(Number(new URL(moto.url).port));
  await makeBucket(moto);
  return {
    ...outage,
    ...{ moto, keys: moto.keys, url: `http://127.0.0.1:${outage.port}` },
    async stop() {
      await outage.stop();
      await moto.stop();
    },
  };
}

type Address = Pick<Server, 'url' | 'keys'>;

export const makeBucket = (server: Address): Promise<unknown> =>
  withClient(server, (client) => client.send(new CreateBucketCommand({ Bucket: bucket })));

export interface Found {
  readonly key: string;
  readonly body: Buffer;
  readonly type: string | undefined;
  readonly encoding: string | undefined;
  /** The server's sum of the bytes is that of those which it gives. */
  readonly isSound: boolean;
}

/** What lies under a prefix. */
export const objectsIn = (server: Address, prefix: string): Promise<readonly Found[]> =>
  withClient(server, async (client) => {
    const asked = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
    const { Contents = [] } = await client.send(asked);
    return Promise.all(
      Contents.map(async ({ Key: key = '' }) => {
        const got = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const body = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
        const sum = createHash('md5').update(body).digest('hex');
        const isSound = got.ETag?.includes('-') === true || got.ETag === `"${sum}"`;
        return { key, body, type: got.ContentType, encoding: got.ContentEncoding, isSound };
      }),
    );
  });

/** Uploads in parts that nobody has ended. */
export const openUploads = (server: Address): Promise<number> =>
  withClient(server, async (client) => {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.length;
  });

async function withClient<T>(
  { url, keys }: Address,
  work: (client: S3Client) => Promise<T>,
): Promise<T> {
  const client = new S3Client({
    ...{ endpoint: url, region: 'us-east-1', forcePathStyle: true },
    credentials: { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key },
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}
