/* What a start refuses, `validate` refuses, and says where: both are run over the same wrong configurations. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/src/capture.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-validate-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Wrong {
  readonly what: string;
  /** Of capture.yaml; `DIR` stands for the folder. */
  readonly conf: string;
  readonly files?: Readonly<Record<string, string>>;
  /** What `validate` must say. */
  readonly says: RegExp;
}

const toStdout = 'to: [stdout]\n';
const aGateway =
  'sources: [{type: gateway, listen: "127.0.0.1:0", target: "http://127.0.0.1:1"}]\n';

const corpus: readonly Wrong[] = [
  { what: 'no such file', conf: '', says: /capture\.yaml: \(file\): found an empty file/ },
  {
    what: 'a slip of YAML',
    conf: 'sources: [\n',
    says: /capture\.yaml: line 2, column 1: found a line that is indented/,
  },
  {
    what: 'an unknown type of source',
    conf: `${toStdout}sources:\n  - type: gatewai\n`,
    says: /capture\.yaml:3:\d+: sources\[0\]\.type: .*did you mean "gateway"/,
  },
  {
    what: 'an unknown pump in to:',
    conf: `to: [stdout, nonsense]\n${aGateway}`,
    says: /capture\.yaml:1:14: to\[1\]: found/,
  },
  {
    what: 'a pump with pages of its own',
    conf: `to: [prometheus]\n${aGateway}`,
    says: /capture\.yaml:1:6: to\[0\]: found/,
  },
  {
    what: 'a pump with an option that is wrong',
    conf: `storage: memory\npumps:\n  FILE: {type: csv, meta: {csv_dir: 7}}\n${aGateway}`,
    says: /capture\.yaml:3:\d+: pumps\.FILE\.meta\.csv_dir: found/,
  },
  {
    what: 'an expression that is none',
    conf: `${toStdout}record: {where: "("}\n${aGateway}`,
    says: /capture\.yaml:2:\d+: record\.where/,
  },
  {
    what: 'a pattern that is none',
    conf: `${toStdout}redact: {patterns: ["("]}\n${aGateway}`,
    says: /capture\.yaml:2:\d+: redact\.patterns/,
  },
  {
    what: 'workers without a Redis',
    conf: `${toStdout}workers: 2\n${aGateway}`,
    says: /capture\.yaml:2:\d+: workers: found 2 workers/,
  },
  {
    what: 'a pump in to: that needs an option',
    conf: `to: [file]\n${aGateway}`,
    says: /capture\.yaml:1:6: to\[0\]: found a pump with nothing as its option path, expected one that needs no options here; or this one in `pumps`/,
  },
  {
    what: 'files of TLS to Redis that are not there',
    conf: `storage: {host: localhost, port: 1, use_ssl: true, ssl_ca_file: DIR/none.pem}\n${aGateway}`,
    says: /capture\.yaml:1:\d+: storage.*: found .*none\.pem/,
  },
  {
    what: 'entries that are wrong',
    conf: `${toStdout}sources: [{type: egress, listen: "127.0.0.1:0", entries: [DIR/entries.yaml]}]\n`,
    files: {
      'entries.yaml':
        'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a}\nspec:\n  hosts: [a.example]\n  ports: 7\n',
    },
    says: /entries\.yaml:6:\d+: \(ServiceEntry a\): spec\.ports: found a number/,
  },
  {
    what: 'entries that are not there',
    conf: `${toStdout}sources: [{type: egress, listen: "127.0.0.1:0", entries: [DIR/none.yaml]}]\n`,
    says: /capture\.yaml:2:\d+: sources\[0\]\.entries: found .*none\.yaml/,
  },
  {
    what: 'an audit log in a folder that is not there',
    conf: `${toStdout}sources: [{type: egress, listen: "127.0.0.1:0", entries: [DIR/good.yaml], audit_log: DIR/none/audit}]\n`,
    files: {
      'good.yaml':
        'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a}\nspec:\n  hosts: [a.example]\n  ports: [{number: 80, name: http, protocol: HTTP}]\n  resolution: DNS\n',
    },
    says: /capture\.yaml:2:\d+: sources\[0\]\.audit_log: found/,
  },
  {
    what: 'a folder without definitions',
    conf: `${toStdout}sources: [{type: gateway, listen: "127.0.0.1:0", apis: DIR/none}]\n`,
    says: /sources\[0\]\.apis: found no definition/,
  },
  {
    what: 'a definition that cannot be used',
    conf: `${toStdout}sources: [{type: gateway, listen: "127.0.0.1:0", apis: DIR/apis}]\n`,
    files: { 'apis/one.json': '{\n  "name": "one",\n  "proxy": {"listen_path": 7}\n}\n' },
    says: /one\.json:3:\d+: proxy\.listen_path: found/,
  },
  {
    what: 'a certificate that is none',
    conf: `${toStdout}sources: [{type: gateway, listen: "127.0.0.1:0", target: "http://127.0.0.1:1", certificates: [{cert: DIR/a.crt, key: DIR/a.key}]}]\n`,
    files: { 'a.crt': 'nothing', 'a.key': 'nothing' },
    says: /sources\[0\]\.certificates: found .*a\.crt/,
  },
  {
    what: 'an authority that is not there',
    conf: `${toStdout}sources: [{type: forward, listen: "127.0.0.1:0", mitm: true, ca_file: DIR/none.pem}]\n`,
    says: /capture\.yaml:2:\d+: sources\[0\]\.ca_file: found .*none\.pem/,
  },
  {
    what: 'a proxy.conf of DataKit that is wrong',
    conf: `${toStdout}sources: [{type: forward, datakit_conf: DIR/proxy.conf}]\n`,
    files: { 'proxy.conf': '[[inputs.proxy]]\n  port = "many"\n' },
    says: /proxy\.conf:2:\d+/,
  },
];

/** Exit code and what was printed. */
async function run(words: readonly string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...words], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as {
      readonly code: unknown;
      readonly stdout: string;
      readonly stderr: string;
    };
    return { code, output: stdout + stderr };
  }
}

describe('what a start refuses', () => {
  it.each(corpus)('$what', { timeout: 120_000 }, async ({ what, conf, files = {}, says }) => {
    const own = path.join(folder, what.replaceAll(/\W+/g, '-'));
    await mkdir(own);
    for (const [name, text] of Object.entries({ ...files, 'capture.yaml': conf })) {
      await mkdir(path.dirname(path.join(own, name)), { recursive: true });
      await writeFile(path.join(own, name), text.replaceAll('DIR', own));
    }
    const file = path.join(own, 'capture.yaml');

    const [validated, started] = await Promise.all([
      run(['validate', '--conf', file]),
      run(['--conf', file]),
    ]);

    expect(validated.output).toMatch(says);
    expect(validated.output).toContain('not ok');
    expect(validated.code).toBe(1);
    expect(started.code, started.output).toBe(1);
  });

  it('and nothing else: validate is content with what a start takes', async () => {
    const file = path.join(folder, 'good.yaml');
    await writeFile(file, `${toStdout}${aGateway}`);
    expect(await run(['validate', '--conf', file])).toEqual({ code: 0, output: 'ok\n' });
  });
});
