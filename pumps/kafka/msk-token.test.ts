import { expect, it } from 'vitest';
import { mskToken } from './msk-token.ts';

const account = {
  region: 'eu-central-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

// Made by aws-msk-iam-sasl-signer-js 1.0.3 (@smithy/signature-v4), but for the name of the client.
it.each([
  ['', '', 'd0131ea0aa0c2246366a4103e58a4ccfee632cbaedff90ff380c9080736c705f'],
  [
    'FwoGZXIvYXdz+/=token',
    'X-Amz-Security-Token=FwoGZXIvYXdz%2B%2F%3Dtoken&',
    'bc64b640dd3e4bfc55949961601cd460f9614ce2339748e267ae4d973e637141',
  ],
])('signs as AWS does, with session token "%s"', (sessionToken, inQuery, signature) => {
  const token = mskToken({ ...account, sessionToken }, new Date('2026-11-29T05:06:07Z'));

  expect(token).not.toMatch(/[+/=]/);
  expect(Buffer.from(token, 'base64url').toString()).toBe(
    'https://kafka.eu-central-1.amazonaws.com/?Action=kafka-cluster%3AConnect' +
      '&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIDEXAMPLE%2F20261129%2Feu-central-1%2Fkafka-cluster%2Faws4_request' +
      '&X-Amz-Date=20261129T050607Z&X-Amz-Expires=900&' +
      `${inQuery}X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}&User-Agent=sluice`,
  );
});
