import type {
  AbortMultipartUploadCommandInput,
  S3Client,
  S3ClientConfig,
  StorageClass,
} from '@aws-sdk/client-s3';
import {
  type Clock,
  httpUrl,
  inTime,
  type PumpContext,
  readTls,
  seconds,
  unlessAborted,
} from '#pump';
import type { StoreError } from './answer.ts';
import { createHandler, NoAnswer } from './handler.ts';
import type * as Library from './library.ts';
import type { Options } from './options.ts';

/** What this pump needs of the library. */
export interface Store {
  /** Whole or not at all; over what had the key before. Never rejects; undefined: it is stored. */
  put(object: StoredObject, signal: AbortSignal): Promise<StoreError | undefined>;
  /** Whether the bucket is there. */
  look(signal: AbortSignal): Promise<StoreError | undefined>;
  close(): void;
}

/** What an object is. */
export interface Content {
  readonly body: Buffer;
  readonly type: string;
  readonly encoding: string | undefined;
}

export interface StoredObject extends Content {
  readonly key: string;
}

/** Loads the library, which takes a tenth of a second and 20 MiB, and is read by nobody else. */
export async function openStore(
  options: Options,
  { clock, proxyFor }: Pick<PumpContext, 'clock' | 'proxyFor'>,
  signal: AbortSignal,
): Promise<Store> {
  const tls = await readTls(options, signal);
  const library = await import('./library.ts');
  const handler = createHandler((url) => ({ tls, proxy: proxyFor(url), clock }));
  const client = new library.S3Client({
    ...whereOf(options),
    ...credentialsOf(options),
    requestHandler: handler as NonNullable<S3ClientConfig['requestHandler']>,
    // The courier tries again, and knows when.
    maxAttempts: 1,
  });
  return new LibraryStore({ library, client, options, clock });
}

function whereOf({ region, endpoint, force_path_style }: Options): Partial<S3ClientConfig> {
  const url = httpUrl(endpoint.reveal());
  return {
    region,
    forcePathStyle: force_path_style,
    // Amazon checks sums of every kind; of others many refuse those that are newer than they are.
    requestChecksumCalculation: url === undefined ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(url === undefined ? {} : { endpoint: url.href }),
  };
}

function credentialsOf(options: Options): Partial<S3ClientConfig> {
  const { access_key_id, secret_access_key, session_token } = options;
  if (access_key_id === '') return {};
  const token = session_token.reveal();
  return {
    credentials: {
      accessKeyId: access_key_id,
      secretAccessKey: secret_access_key.reveal(),
      ...(token === '' ? {} : { sessionToken: token }),
    },
  };
}

interface StoreParts {
  readonly library: typeof Library;
  readonly client: S3Client;
  readonly options: Options;
  readonly clock: Clock;
}

/** For a small request, about an upload that is over. */
const clearingTime = seconds(10);

class LibraryStore implements Store {
  readonly #library: typeof Library;
  readonly #client: S3Client;
  readonly #options: Options;
  readonly #clock: Clock;
  readonly #clearing = new Set<AbortController>();

  constructor({ library, client, options, clock }: StoreParts) {
    this.#library = library;
    this.#client = client;
    this.#options = options;
    this.#clock = clock;
  }

  put(object: StoredObject, signal: AbortSignal): Promise<StoreError | undefined> {
    return told(() =>
      object.body.length > this.#options.part_bytes
        ? this.#putParts(object, signal)
        : this.#putWhole(object, signal),
    );
  }

  look(signal: AbortSignal): Promise<StoreError | undefined> {
    const { HeadBucketCommand } = this.#library;
    const { bucket } = this.#options;
    return told(() =>
      this.#client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal }),
    );
  }

  close(): void {
    for (const limit of this.#clearing) limit.abort();
    this.#client.destroy();
  }

  async #putWhole(object: StoredObject, signal: AbortSignal): Promise<void> {
    const { PutObjectCommand } = this.#library;
    const command = new PutObjectCommand({ ...this.#about(object), Body: object.body });
    await this.#client.send(command, { abortSignal: signal });
  }

  /** Nothing is there under the key until the last request. */
  async #putParts(object: StoredObject, signal: AbortSignal): Promise<void> {
    const { CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand } =
      this.#library;
    const abort = { abortSignal: signal };
    const about = this.#about(object);
    const { Bucket, Key } = about;
    const begun = await this.#client.send(new CreateMultipartUploadCommand(about), abort);
    const where = { Bucket, Key, UploadId: begun.UploadId };
    try {
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const Body of partsOf(object.body, this.#options.part_bytes)) {
        const PartNumber = Parts.length + 1;
        const part = new UploadPartCommand({ ...where, PartNumber, Body });
        const { ETag } = await this.#client.send(part, abort);
        Parts.push({ PartNumber, ETag });
      }
      const all = new CompleteMultipartUploadCommand({ ...where, MultipartUpload: { Parts } });
      await this.#client.send(all, abort);
    } catch (error) {
      // What is left of it costs money until a rule of the bucket clears it away. Nobody waits for that beyond the deadline.
      await unlessAborted(this.#clearAway(where), undefined, signal);
      throw error;
    }
  }

  /** Forgets the parts of an upload, for as long as that is worth while; never rejects. */
  async #clearAway(where: AbortMultipartUploadCommandInput): Promise<void> {
    const { AbortMultipartUploadCommand } = this.#library;
    const limit = new AbortController();
    this.#clearing.add(limit);
    const asked = told(() =>
      this.#client.send(new AbortMultipartUploadCommand(where), { abortSignal: limit.signal }),
    );
    await inTime(asked, { clock: this.#clock, time: clearingTime }, () => limit.abort());
    this.#clearing.delete(limit);
  }

  #about({ key, type, encoding }: StoredObject) {
    const { bucket, storage_class } = this.#options;
    return {
      Bucket: bucket,
      Key: key,
      ContentType: type,
      ...(encoding === undefined ? {} : { ContentEncoding: encoding }),
      // The server judges the word: there are more of them every year.
      ...(storage_class === undefined ? {} : { StorageClass: storage_class as StorageClass }),
    };
  }
}

function* partsOf(body: Buffer, size: number): Iterable<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** The library throws; here an expected failure is a value. */
async function told(work: () => Promise<unknown>): Promise<StoreError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      name: error.name,
      status: statusOf(error),
      failure: error instanceof NoAnswer ? error.failure : undefined,
    };
  }
}

function statusOf(error: Error): number | undefined {
  const about: unknown = '$metadata' in error ? error.$metadata : undefined;
  if (typeof about !== 'object' || about === null || !('httpStatusCode' in about)) return undefined;
  return typeof about.httpStatusCode === 'number' ? about.httpStatusCode : undefined;
}
