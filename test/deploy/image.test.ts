/** The Dockerfile, as far as its text goes; test/e2e/package/image.test.ts builds by it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const text = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '');
const stages = text.split(/^FROM /m).slice(1);
const last = stages.at(-1) ?? '';

describe('the image', () => {
  it('leaves what builds it behind', () => {
    // The builders, what captures, the same with tcpdump and with the loader of eBPF, the demo, and the pump.
    const names = stages.map((stage) => /^\S+(?: AS (\S+))?/.exec(stage)?.[1]);
    expect(names).toEqual([
      ...['build', 'sluice-capture', 'sluice-packets', 'ebpf-build', 'sluice-ebpf', 'sluice-demo'],
      undefined,
    ]);
    for (const stage of stages) expect(stage).toMatch(/^(?:node:\d+-slim|sluice-capture)\b/);
    for (const image of stages.filter((_, at) => !names[at]?.endsWith('build')))
      expect(image).not.toMatch(/g\+\+|clang|npm (ci|install)/);
  });

  it('runs as a user with a number, who is not root, as the chart does', () => {
    const [, user] = /^USER (\d+):\1$/m.exec(last) ?? [];

    expect(Number(user)).toBeGreaterThan(0);
    expect(read('deploy/helm/sluice/values.yaml')).toContain(`runAsUser: ${user ?? ''}\n`);
    // Whoever is root has run before that.
    expect(last.split(/^USER .*$/m)[1]).not.toMatch(/^RUN /m);
  });

  it('has what captures apart, with nothing of the pump', () => {
    const [build = '', capture = ''] = stages;

    expect(build).toMatch(/mv dist\/src\/capture\.js .*dist\/src\/capture-parts \/opt\/capture\//);
    expect(capture).toMatch(/^node:\S+ AS sluice-capture$/m);
    expect([...capture.matchAll(/^COPY (.*)$/gm)].map(([, words]) => words)).toEqual([
      'LICENSE ./',
      '--from=build /opt/capture ./',
    ]);
    expect(capture).toMatch(/^ENTRYPOINT \["sluice-capture"\]$/m);
    expect(capture).toMatch(/^USER (\d+):\1$/m);
  });

  it('gives tcpdump and the loader of eBPF their rights, and nobody else', () => {
    const ebpf = stages.find((stage) => stage.includes(' AS sluice-ebpf')) ?? '';
    const wanted = /setcap (\S+)\+ep/.exec(read('sources/ebpf/README.md'))?.[1];

    expect(wanted).toBe('cap_sys_admin,cap_sys_ptrace,cap_setuid,cap_setgid');
    expect([...text.matchAll(/setcap (\S+)\+ep (\S+)/g)].map(([, ...words]) => words)).toEqual([
      ['cap_net_raw', '/usr/bin/tcpdump'],
      [wanted, '/opt/sluice/dist/ebpf/sluice-ebpf'],
    ]);
    expect(ebpf).toMatch(/chown root:1000 (\S+) && chmod 0750 \1 /);
    for (const stage of stages.filter((each) => each.includes('USER 0:0')))
      expect(stage.trim().split('\n').at(-1)).toBe('USER 1000:1000');
  });

  it('asks the program itself for its health, and starts it without a shell', () => {
    expect(last).toMatch(/^HEALTHCHECK .*CMD \["sluice", "live", /m);
    expect(last).toMatch(/^ENTRYPOINT \["sluice"\]$/m);
  });

  it('says what it is', () => {
    const { description, license } = JSON.parse(read('package.json')) as Record<string, string>;
    const label = (name: string): string =>
      new RegExp(`org\\.opencontainers\\.image\\.${name}="([^"]*)"`).exec(last)?.[1] ?? '';

    expect(label('licenses')).toBe(license);
    expect(label('description')).toBe(description);
    for (const name of ['title', 'version', 'revision']) expect(label(name)).not.toBe('');
  });

  it('copies what is there, and not what is kept from the builder', () => {
    const ignored = read('.dockerignore').trim().split('\n');
    for (const [, words = ''] of text.matchAll(/^COPY (?!--from)(.*)$/gm))
      for (const source of words.split(' ').slice(0, -1)) {
        expect(existsSync(new URL(source, root)), source).toBe(true);
        expect(ignored).not.toContain(source);
      }
  });
});
