/** The command on its own side of HTTP: a stand-in answers as the documentation says that Kibana and Elasticsearch do. */
import { afterEach, describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { FakeHttpServer, type ReceivedRequest, type Reply } from '../../pump/testing/index.ts';
import { aPumpFile, type Ran, runKibana, type Surroundings } from './testing.ts';

const opened: FakeHttpServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function serve(
  answer: (request: ReceivedRequest) => Reply,
  tls?: Parameters<typeof FakeHttpServer.start>[1],
): Promise<FakeHttpServer> {
  const server = await FakeHttpServer.start(answer, tls);
  opened.push(server);
  return server;
}

const run = (
  argv: readonly string[],
  surroundings: Omit<Surroundings, 'pumps'> = {},
): Promise<Ran> => runKibana(argv, { pumps: { findPump, pumpTypes }, ...surroundings });

interface Kept {
  readonly version?: string;
  /** Ids of the objects that are there. */
  readonly there?: readonly string[];
  /** What an import answers. */
  readonly imported?: Reply;
}

/** A Kibana that has some objects. */
const aKibana = ({
  version = '8.19.0',
  there = [],
  imported,
}: Kept = {}): Promise<FakeHttpServer> =>
  serve(({ path, body }) => {
    if (path.endsWith('/api/status'))
      return { status: 200, body: { version: { number: version } } };
    if (path.endsWith('/_export')) {
      const { objects } = JSON.parse(body.toString()) as {
        objects: readonly { type: string; id: string }[];
      };
      const [object] = objects;
      if (there.includes(object?.id ?? ''))
        return { status: 200, body: `${JSON.stringify(object)}\n` };
      const error = { statusCode: 404, error: 'Not Found', message: 'Saved object not found' };
      return {
        status: 400,
        body: {
          statusCode: 400,
          message: 'Error fetching objects to export',
          attributes: { objects: [{ ...object, error }] },
        },
      };
    }
    if (path.endsWith('/_import'))
      return imported ?? { status: 200, body: { success: true, successCount: 1 } };
    return { status: 404, body: {} };
  });

const importsOf = ({ requests }: FakeHttpServer): readonly ReceivedRequest[] =>
  requests.filter(({ path }) => path.endsWith('/_import'));

/** The objects in the form that was sent. */
function sent({
  body,
  headers,
}: ReceivedRequest): readonly { type: string; id: string; attributes: { title: string } }[] {
  const [, boundary = ''] =
    /^multipart\/form-data; boundary=(\S+)$/.exec(String(headers['content-type'])) ?? [];
  const [, part = ''] = body.toString().split(`--${boundary}`);
  const text = part.slice(part.indexOf('\r\n\r\n') + 4).trim();
  return text.split('\n').map((line) => JSON.parse(line) as ReturnType<typeof sent>[number]);
}

describe('sluice kibana import', () => {
  it('sends all objects as one file, into the space, with what the server wants to see of a client', async () => {
    const server = await aKibana();
    const { code, out } = await run([
      'import',
      '--url',
      `${server.url}/base`,
      '--space',
      'apis',
      '--index',
      'calls-*',
    ]);

    expect(code).toBe(0);
    expect(out).toMatch(/^Kibana 8\.19\.0\n/);
    expect(out).toMatch(/created +dashboard +sluice-api-traffic +API traffic/);
    const [request] = importsOf(server);
    expect(request?.path).toBe('/base/s/apis/api/saved_objects/_import');
    expect(request?.query.get('overwrite')).toBeNull();
    expect(request?.headers).toMatchObject({ 'kbn-xsrf': 'sluice' });
    const objects = sent(request as ReceivedRequest);
    expect(objects[0]).toMatchObject({
      type: 'index-pattern',
      id: 'sluice-calls',
      attributes: { title: 'calls-*' },
    });
    expect(objects.some(({ type }) => type === 'lens')).toBe(true);
  });

  it('knows OpenSearch Dashboards by its version', async () => {
    const server = await aKibana({ version: '2.19.1' });
    const { code, out } = await run(['import', '--url', server.url, '--json']);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      product: 'opensearch-dashboards',
      version: '2.19.1',
    });
    expect(sent(importsOf(server)[0] as ReceivedRequest).map(({ type }) => type)).not.toContain(
      'lens',
    );
    const kibana = await aKibana();
    const wrong = await run(['import', '--url', kibana.url, '--opensearch']);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toMatch(/is Kibana 8\.19\.0, not OpenSearch Dashboards/);
    expect(importsOf(kibana)).toEqual([]);
  });

  it('says what is there, and replaces it only when it may', async () => {
    const server = await aKibana({ there: ['sluice-calls', 'sluice-api-traffic'] });
    const refused = await run(['import', '--url', server.url]);

    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/there +dashboard +sluice-api-traffic/);
    expect(refused.err).toMatch(/2 of \d+ objects are there already: --overwrite/);
    expect(importsOf(server)).toEqual([]);
    const replaced = await run(['import', '--url', server.url, '--overwrite']);
    expect(replaced.code).toBe(0);
    expect(replaced.out).toMatch(/replaced +dashboard +sluice-api-traffic/);
    expect(importsOf(server)[0]?.query.get('overwrite')).toBe('true');
    // Others beside them are of other ids.
    expect(await run(['import', '--url', server.url, '--name', 'team'])).toMatchObject({ code: 0 });
  });

  it('changes nothing in a dry run', async () => {
    const server = await aKibana();
    const { code, out } = await run(['import', '--url', server.url, '--dry-run']);

    expect(code).toBe(0);
    expect(out).toMatch(/missing +dashboard/);
    expect(importsOf(server)).toEqual([]);
  });

  it.each([
    [
      'objects that are refused',
      {
        status: 200,
        body: {
          success: false,
          errors: [{ type: 'lens', id: 'sluice-traffic', error: { type: 'unsupported_type' } }],
        },
      },
      /1 of \d+ objects were refused/,
    ],
    [
      'an answer that says nothing',
      { status: 200, body: {} },
      /does not say that the import went well/,
    ],
    ['no right', { status: 403, body: { message: 'no' } }, /may not manage saved objects/],
    ['a page', { status: 502, body: '<html>' }, /answered 502/],
  ])('ends with 1 after %s', async (_, imported, words) => {
    const server = await aKibana({ imported });
    const { code, err } = await run(['import', '--url', server.url]);

    expect(code).toBe(1);
    expect(err).toMatch(words);
  });

  it.each([
    ['7.10.2', /needs? 7\.17 or later/],
    ['6.8.0', /needs? 7\.17 or later/],
  ])('refuses Kibana %s', async (version, words) => {
    const server = await aKibana({ version });
    expect((await run(['import', '--url', server.url])).err).toMatch(words);
    expect(importsOf(server)).toEqual([]);
  });

  it('refuses what is no Kibana, and who is not let in', async () => {
    const page = await serve(() => ({ status: 200, body: '<html>' }));
    expect((await run(['import', '--url', page.url])).err).toMatch(/is no Kibana/);
    const closed = await serve(() => ({ status: 401, body: {} }));
    expect((await run(['import', '--url', closed.url])).err).toMatch(
      /wants other credentials \(401\)/,
    );
    expect(page.requests.concat(closed.requests).every(({ method }) => method !== 'POST')).toBe(
      true,
    );
  });

  it.each([
    [
      'SLUICE_KIBANA_API_KEY',
      { SLUICE_KIBANA_API_KEY: 'id:secret-key' },
      [],
      `ApiKey ${btoa('id:secret-key')}`,
    ],
    [
      'SLUICE_KIBANA_PASSWORD',
      { SLUICE_KIBANA_USERNAME: 'me', SLUICE_KIBANA_PASSWORD: 'secret-word' },
      [],
      `Basic ${btoa('me:secret-word')}`,
    ],
    ['a file', {}, ['--api-key-file', 'key'], 'ApiKey ZW5jb2RlZA=='],
    [
      'a file and a name',
      {},
      ['--username', 'me', '--password-file', 'word'],
      `Basic ${btoa('me:from file')}`,
    ],
  ])('signs in with %s', async (_, env, flags, header) => {
    const server = await aKibana();
    const files = { key: 'ZW5jb2RlZA==\n', word: 'from file\n' };
    const { code, out, err } = await run(['import', '--url', server.url, ...flags], { env, files });

    expect(code).toBe(0);
    for (const { headers } of server.requests) expect(headers['authorization']).toBe(header);
    expect(out + err).not.toMatch(/secret-|from file/);
  });

  it('signs in with what the address says, and never shows it', async () => {
    const server = await serve(({ headers }) => ({
      status: 403,
      body: { message: `no ${String(headers['authorization'])}` },
    }));
    const { err } = await run([
      'import',
      '--url',
      server.url.replace('//', '//me:hidden-word@'),
      '--space',
      'x',
    ]);

    expect(server.requests[0]?.headers['authorization']).toBe(`Basic ${btoa('me:hidden-word')}`);
    expect(err).not.toMatch(/hidden-word|bWU6/);
  });

  it('gives the credentials of the pump to Kibana only when it is told to', async () => {
    const server = await aKibana();
    const files = {
      'pump.conf': aPumpFile({
        elasticsearch_url: 'http://nowhere.invalid:9200',
        ...{ auth_basic_username: 'pump', auth_basic_password: 'pump-password' },
        ...{ index_name: 'own', rolling_index: true },
      }),
    };
    await run(['import', '--url', server.url, '--pump', 'es'], { files });
    expect(server.requests.some(({ headers }) => headers['authorization'] !== undefined)).toBe(
      false,
    );
    expect(sent(importsOf(server)[0] as ReceivedRequest)[0]?.attributes.title).toBe('own-*');

    await run(['import', '--url', server.url, '--pump', 'es', '--pump-credentials'], { files });
    expect(server.requests.at(-1)?.headers['authorization']).toBe(
      `Basic ${btoa('pump:pump-password')}`,
    );
  });

  it('verifies certificates, with its own authorities if it is given any', async () => {
    const { ca, cert, key } = await makeCertificates();
    const server = await serve(() => ({ status: 401, body: {} }), { cert, key });
    const strange = await run(['import', '--url', server.url]);
    const known = await run(['import', '--url', server.url, '--ca', 'ca.pem'], {
      files: { 'ca.pem': String(ca) },
    });

    expect(strange.err).toMatch(/certificate/);
    expect(known.err).toMatch(/wants other credentials/);
    const empty = await run(['import', '--url', server.url, '--ca', 'ca.pem'], {
      files: { 'ca.pem': 'no' },
    });
    expect(empty.err).toMatch(/no certificate in PEM form/);
  });
});

describe('sluice kibana', () => {
  it.each([
    ['import', /expected --url/],
    ['template', /expected --pump, .* or --url/],
    ['template --url http://x --index a*', /--index: expected a name without "\*"/],
    ['template --url http://x --index ../x', /--index: expected no/],
    ['template --url http://x --name A', /--name: expected/],
    [
      'template --url http://x --rollover-size big',
      /--rollover-size: expected a size such as 50gb/,
    ],
    ['template --url ftp://x', /--url: expected an address/],
    ['template --pump es --index calls', /--index and --pump/],
    ['template --pump es --naming daily', /names its indices otherwise \(plain\), not daily/],
    ['template --pump other', /has no pump 'other', but ES/],
    ['import --url http://x --space ../y', /--space: expected/],
    ['import --url http://x --username me', /a user needs a password/],
    ['import --url http://x --api-key-file none', /--api-key-file cannot be read/],
    ['import --url http://x --pump-credentials', /needs --pump/],
    ['import --url http://x --delete-after 3', /--delete-after has no effect on kibana import/],
    ['show --overwrite', /--overwrite has no effect on kibana show/],
    ['show --index *', /every index/],
    ['remove', /expected one of import, template, show/],
    ['template --url http://x --delete-after -1', /expected/],
  ])('%s is refused before anything is asked', async (line, words) => {
    const files = { 'pump.conf': aPumpFile({ elasticsearch_url: 'http://nowhere.invalid:9200' }) };
    const { code, out, err } = await run(line.split(' '), { files });

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(words);
  });

  it('puts the policy before the template that names it, into a cluster that has such a service', async () => {
    const server = await serve(({ method, path }) => {
      if (path === '/') return { status: 200, body: { version: { number: '8.19.2' } } };
      if (method === 'PUT') return { status: 200, body: { acknowledged: true } };
      return path === '/_index_template' || path === '/_template'
        ? { status: 200, body: path === '/_template' ? {} : { index_templates: [] } }
        : { status: 404, body: {} };
    });
    const { code, out } = await run([
      'template',
      '--url',
      server.url,
      '--naming',
      'daily',
      '--delete-after',
      '30',
    ]);

    expect(code).toBe(0);
    expect(out).toMatch(/created +lifecycle policy +sluice-tyk_analytics/);
    const puts = server.requests.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/_ilm/policy/sluice-tyk_analytics',
      '/_component_template/sluice-tyk_analytics@mappings',
      '/_component_template/sluice-tyk_analytics@settings',
      '/_index_template/sluice-tyk_analytics',
    ]);
    expect(JSON.parse(puts[2]?.body.toString() ?? '')).toMatchObject({
      template: { settings: { 'index.lifecycle.name': 'sluice-tyk_analytics' } },
    });
  });

  it('replaces a state policy of ours by its version, and none of others', async () => {
    const policies = new Map<string, object>();
    const server = await serve(({ method, path, query, body }) => {
      if (path === '/')
        return { status: 200, body: { version: { number: '2.19.1', distribution: 'opensearch' } } };
      if (path.startsWith('/_plugins/_ism/policies/')) {
        if (method === 'GET') {
          const policy = policies.get(path);
          return policy === undefined
            ? { status: 404, body: {} }
            : { status: 200, body: { ...policy, _seq_no: 7, _primary_term: 1 } };
        }
        if (policies.has(path) && query.get('if_seq_no') !== '7')
          return { status: 409, body: { error: { reason: 'conflict' } } };
        policies.set(path, JSON.parse(body.toString()) as object);
      }
      if (method === 'PUT') return { status: 200, body: {} };
      return path === '/_index_template' || path === '/_template'
        ? { status: 200, body: path === '/_template' ? {} : { index_templates: [] } }
        : { status: 404, body: {} };
    });
    const line = ['template', '--url', server.url, '--naming', 'daily', '--delete-after'];
    expect(await run([...line, '30'])).toMatchObject({ code: 0 });
    expect((await run([...line, '60'])).err).toMatch(
      /state policy "sluice-tyk_analytics" is there and differs/,
    );
    expect(await run([...line, '60', '--overwrite'])).toMatchObject({ code: 0 });
    expect(JSON.stringify([...policies.values()])).toContain('"min_index_age":"60d"');

    policies.set([...policies.keys()][0] ?? '', { policy: { description: 'by hand' } });
    expect((await run([...line, '60', '--overwrite'])).err).toMatch(/was not made by Sluice/);
    expect(JSON.stringify([...policies.values()])).toContain('by hand');
  });
});
