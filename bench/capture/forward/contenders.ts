import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Child, launch, until } from '../../../test/services/process.ts';
import { needPython } from '../../../test/services/python.ts';

export interface Setting {
  /** `dist/src/capture.js` of the build that is measured. */
  readonly capture: string;
  readonly redisPort: number;
  readonly folder: string;
  /** The authority of the whole run: the origin's, and the one that looks into tunnels. */
  readonly caFile: string;
  readonly caCertFile: string;
}

export interface Contender {
  readonly name: string;
  start(setting: Setting): Promise<Running>;
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const ours = (name: string, options: string, bodies = '64KiB'): Contender => ({
  name,
  async start({ capture, redisPort, folder, caFile, caCertFile }) {
    const conf = path.join(folder, `${name.replaceAll(/\W+/g, '-')}.yaml`);
    await writeFile(
      conf,
      `storage: {host: 127.0.0.1, port: ${redisPort}}
record: {bodies: ${bodies}, expiry: 60s}
admin: {listen: 127.0.0.1:0}
sources:
  - type: forward
    port: 0
    ca_file: ${caFile}
    origin_ca_file: ${caCertFile}
    ${options}
`,
    );
    return started(
      launch(process.execPath, [capture, '--conf', conf]),
      /listens_at="?(http:\/\/127\.0\.0\.1:\d+)/,
    );
  },
});

export const base: Contender = {
  name: 'a bare tunnel of 20 lines',
  start: () =>
    started(
      launch(process.execPath, ['bench/capture/forward/bare-tunnel.mjs']),
      /listening at (\S+)/,
    ),
};

export const tunnel = ours('forward, tunnels', 'mitm: false');

const mitmproxy: Contender = {
  name: 'mitmproxy 11.0.2',
  async start({ folder, caFile, caCertFile }) {
    const python = await needPython({ name: 'mitmproxy', version: '11.0.2' });
    const home = path.join(folder, 'mitmproxy');
    await mkdir(home);
    await copyFile(caFile, path.join(home, 'mitmproxy-ca.pem'));
    const child = launch(python, [
      ...['-c', 'from mitmproxy.tools.main import mitmdump; mitmdump()'],
      ...['--listen-host', '127.0.0.1', '--listen-port', '0', '--set', `confdir=${home}`],
      ...['--set', `ssl_verify_upstream_trusted_ca=${caCertFile}`, '--set', 'flow_detail=0'],
    ]);
    return started(child, /listening at (?:http:\/\/)?(?:127\.0\.0\.1:|\*:)(\d+)/);
  },
};

export const contenders: readonly Contender[] = [
  base,
  tunnel,
  ours('forward, mitm', 'mitm: true\n    record: false'),
  ours('forward, mitm, records without bodies', 'mitm: true', '0B'),
  ours('forward, mitm, records with 64 KiB of each body', 'mitm: true'),
  mitmproxy,
];

async function started(child: Child, listens: RegExp): Promise<Running> {
  await until('the contender listens', () =>
    Promise.resolve(listens.test(child.output()) || !child.isRunning()),
  );
  const found = listens.exec(child.output())?.[1];
  if (found === undefined) throw new Error(`The contender ended:\n${child.output()}`);
  const url = /^\d+$/.test(found) ? `http://127.0.0.1:${found}` : found;
  return { url, pid: child.pid, stop: () => child.stop() };
}
