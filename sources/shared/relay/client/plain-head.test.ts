import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refused, rewritten } from '../smuggling.testing.ts';
import {
  mutatedRequests,
  plainRequests,
  type ReadRequest,
  readByNode,
} from './plain-head.testing.ts';
import { readPlainHead } from './plain-head.ts';

const most = 64 * 1024;

/** With the body that its head says; undefined: it is left to Node. */
function readByUs(bytes: Buffer): ReadRequest | 'refused' | undefined {
  const head = readPlainHead(bytes, most);
  if (head === undefined) return undefined;
  const end = head.size + head.bodyLength;
  if (end > bytes.length) return 'refused';
  return {
    line: `${head.method} ${head.target} 1.1`,
    ...{ host: head.host, rawHeaders: head.rawHeaders, isLast: head.isLast },
    body: bytes.toString('latin1', head.size, end),
  };
}

test('a plain head is read, and means what it means to Node', async () => {
  await fc.assert(
    fc.asyncProperty(plainRequests, async ({ head, body }) => {
      const bytes = Buffer.from(head + body, 'latin1');
      const ours = readByUs(bytes);
      expect(ours).toBeDefined();
      expect(ours).toEqual(await readByNode(bytes));
      // What follows is nothing to it, unless nothing may follow.
      const isLast = ours !== undefined && ours !== 'refused' && ours.isLast;
      expect(readPlainHead(Buffer.concat([bytes, bytes]), most)).toEqual(
        isLast ? undefined : readPlainHead(bytes, most),
      );
    }),
    { numRuns: 200 },
  );
});

test('less than all of a head is left to Node, wherever it is cut', () => {
  const bytes = Buffer.from('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n');
  for (let at = 0; at < bytes.length; at++)
    expect(readPlainHead(bytes.subarray(0, at), most)).toBeUndefined();
  expect(readPlainHead(bytes, most)).toMatchObject({ size: bytes.length, bodyLength: 3 });
  expect(readPlainHead(bytes, bytes.length)).toBeDefined();
  expect(readPlainHead(bytes, bytes.length - 1)).toBeUndefined();
});

test('what is taken for plain of a mutated request is what Node and the screen make of it', async () => {
  await fc.assert(
    fc.asyncProperty(mutatedRequests, async (text) => {
      const bytes = Buffer.from(text, 'latin1');
      const head = readPlainHead(bytes, most);
      if (head === undefined) return;
      // Node is given the one request, for what follows is the next one's.
      const one = bytes.subarray(0, head.size + head.bodyLength);
      expect(readByUs(one)).toEqual(await readByNode(one));
    }),
    { numRuns: 1000 },
  );
});

test('none of the attacks is plain, but where its body hides one', () => {
  for (const [name, text] of Object.entries(refused)) {
    const head = readPlainHead(Buffer.from(text, 'latin1'), most);
    if (head !== undefined) expect.fail(`${name}: read as ${JSON.stringify(head)}`);
  }
  for (const text of Object.values(rewritten)) {
    const bytes = Buffer.from(text, 'latin1');
    const head = readPlainHead(bytes, most);
    if (head !== undefined) expect(text.slice(0, head.size)).not.toContain('smuggled');
  }
});
