import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import { needProgram } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

/** What rsyslog understood of a message. */
export interface SyslogMessage {
  readonly msg: string;
  readonly rawmsg: string;
  readonly hostname: string;
  readonly programname: string;
  readonly syslogtag: string;
  readonly pri: string;
  /** Of the message, not of its arrival. */
  readonly timereported: string;
  readonly 'app-name': string;
  readonly procid: string;
  readonly 'structured-data': string;
  /** Name of the input: `udp`, `tcp`, `tls`. */
  readonly inputname: string;
}

export interface RsyslogServer {
  readonly udp: number;
  readonly tcp: number;
  /** Needs a client certificate of `certificates`. */
  readonly tls: number;
  readonly certificates: Certificates;
  /** Everything that arrived. */
  messages(): Promise<readonly SyslogMessage[]>;
  output(): string;
  stop(): Promise<void>;
}

/** The program of rsyslog. Throws `Unavailable` where it is missing and cannot be installed. */
export const needRsyslog = (): Promise<string> =>
  needProgram('rsyslogd', ['rsyslog', 'rsyslog-gnutls']);

/** A real rsyslog on 127.0.0.1 that takes UDP, TCP and TLS. Throws `Unavailable` where there is none. */
export async function startRsyslog(): Promise<RsyslogServer> {
  const rsyslogd = await needRsyslog();
  const certificates = await makeCertificates();
  const dir = await scratchFolder('rsyslog');
  const udp = await freePort([1, 2]);
  const [tcp, tls] = [udp + 1, udp + 2];
  const received = path.join(dir, 'received.jsonl');
  const file = path.join(dir, 'rsyslog.conf');
  await writeFile(file, configuration({ dir, received, udp, tcp, tls, certificates }));
  const child = launch(rsyslogd, ['-n', '-f', file, '-i', path.join(dir, 'pid')]);
  await untilReady(child, 'rsyslogd', () => accepts(tls), 30_000);
  return {
    ...{ udp, tcp, tls, certificates },
    messages: () => readMessages(received),
    output: () => child.output(),
    stop: () => stop(child, dir),
  };
}

async function readMessages(file: string): Promise<readonly SyslogMessage[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SyslogMessage);
}

async function stop(child: Child, dir: string): Promise<void> {
  await child.stop();
  await rm(dir, { recursive: true, force: true });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

interface Setup {
  readonly dir: string;
  readonly received: string;
  readonly udp: number;
  readonly tcp: number;
  readonly tls: number;
  readonly certificates: Certificates;
}

const fields = [
  ...['msg', 'rawmsg', 'hostname', 'programname', 'syslogtag', 'pri', 'app-name', 'procid'],
  ...['structured-data', 'inputname'],
];

function configuration({ dir, received, udp, tcp, tls, certificates }: Setup): string {
  const { caFile, certFile, keyFile } = certificates;
  const property = (name: string): string =>
    `property(name="${name}" outname="${name}" format="jsonf")`;
  return [
    `global(workDirectory="${dir}" maxMessageSize="128k" defaultNetstreamDriverCAFile="${caFile}"`,
    `  defaultNetstreamDriverCertFile="${certFile}" defaultNetstreamDriverKeyFile="${keyFile}")`,
    'module(load="imudp")',
    'module(load="imptcp")',
    'module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/certvalid")',
    'template(name="json" type="list" option.jsonf="on") {',
    ...fields.map((name) => `  ${property(name)}`),
    '  property(name="timereported" outname="timereported" format="jsonf" dateFormat="rfc3339")',
    '}',
    'ruleset(name="out") {',
    `  action(type="omfile" file="${received}" template="json" flushOnTXEnd="on")`,
    '}',
    `input(type="imudp" address="127.0.0.1" port="${udp}" ruleset="out" rcvbufSize="4m" name="udp")`,
    `input(type="imptcp" address="127.0.0.1" port="${tcp}" ruleset="out" name="tcp")`,
    `input(type="imtcp" address="127.0.0.1" port="${tls}" ruleset="out" name="tls")`,
    '',
  ].join('\n');
}
