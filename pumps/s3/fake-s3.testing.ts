import type { ReceivedRequest, Reply } from '#pump/testing';

/** As much of S3 as the pump asks of it: objects whole or not at all, uploads in parts, and refusals in XML. */
export interface FakeS3 {
  readonly objects: Map<string, Stored>;
  /** Uploads in parts that were begun and neither completed nor aborted. */
  readonly uploads: Map<string, Map<number, Buffer>>;
  /** `PUT /bucket/key`, without its query. */
  readonly asked: string[];
  /** Answers in the place of S3, where it gives something. */
  refuse: (request: ReceivedRequest) => Reply | undefined;
  answer(request: ReceivedRequest): Reply;
}

/** The library leaves a global behind, which is only of use within Amazon's functions. */
export const forgetLibrary = (): void => {
  Reflect.deleteProperty(globalThis, 'awslambda');
};

interface Stored {
  readonly body: Buffer;
  readonly headers: ReceivedRequest['headers'];
}

export const refusal = (status: number, code: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>of hunter2</Message></Error>`,
});

const xml = (body: string): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0"?>${body}`,
});

export function fakeS3(accessKey: string): FakeS3 {
  const fake: FakeS3 = {
    objects: new Map(),
    uploads: new Map(),
    asked: [],
    refuse: () => undefined,
    answer(request) {
      const { method, path } = request;
      fake.asked.push(`${method} ${path}`);
      const signed = String(request.headers['authorization']);
      if (!signed.startsWith(`AWS4-HMAC-SHA256 Credential=${accessKey}/`))
        return refusal(403, 'InvalidAccessKeyId');
      return fake.refuse(request) ?? serve(fake, request);
    },
  };
  return fake;
}

function serve(fake: FakeS3, { method, path, query, headers, body }: ReceivedRequest): Reply {
  const upload = query.get('uploadId');
  if (method === 'HEAD') return { status: 200 };
  if (method === 'POST' && query.has('uploads')) {
    const id = `upload-${fake.asked.length}`;
    fake.uploads.set(id, new Map());
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  const parts = upload === null ? undefined : fake.uploads.get(upload);
  if (upload !== null && parts === undefined) return refusal(404, 'NoSuchUpload');
  if (parts === undefined) {
    fake.objects.set(path, { body, headers });
    return { status: 200, headers: { etag: '"whole"' } };
  }
  const number = Number(query.get('partNumber'));
  if (method === 'PUT') {
    parts.set(number, body);
    return { status: 200, headers: { etag: `"part-${number}"` } };
  }
  fake.uploads.delete(String(upload));
  if (method === 'DELETE') return { status: 204 };
  const named = [...String(body).matchAll(/<PartNumber>(\d+)/g)].map(([, one]) => Number(one));
  const all = named.map((one) => parts.get(one) ?? Buffer.alloc(0));
  fake.objects.set(path, { body: Buffer.concat(all), headers });
  return xml('<CompleteMultipartUploadResult><ETag>"all"</ETag></CompleteMultipartUploadResult>');
}
