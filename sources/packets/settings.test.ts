import { describe, expect, it } from 'vitest';
import { readAddresses } from './live/addresses.ts';
import { captureCommand } from './live/command.ts';
import { options } from './options.ts';
import { prepare } from './packets.testing.ts';

const problems = (raw: Readonly<Record<string, unknown>>): readonly string[] =>
  prepare(raw).problems.map(({ key, expected }) => `${key}: ${expected}`);

describe('the options of packets', () => {
  it.each<[Readonly<Record<string, unknown>>, readonly string[]]>([
    [{ interface: 'lo' }, []],
    [{ file: 'a.pcap' }, []],
    [{}, ['interface: an interface to look at, or files to read']],
    [{ interface: 'lo', files: ['a.pcap'] }, ['files: nothing where there is an `interface`']],
    [{ files: ['a.pcap'], netns: '7' }, ['netns: an `interface` in that namespace']],
    [{ interface: '-w/tmp/x' }, ['interface: the name of an interface']],
    [{ interface: 'lo', filter: '-w /tmp/x' }, ['filter: a filter, which begins with no `-`']],
    [
      { interface: 'lo', netns: '../x' },
      ['netns: the id of a process, or a path that begins with `/`'],
    ],
    [{ interface: 'lo', paths: ['/a', 'b'] }, ['paths[1]: a path that begins with `/` or `*`']],
    [
      { interface: 'lo', local: ['10.0.0.0/99'] },
      ['local[0]: expected a number of bits from 0 to 32 behind the slash'],
    ],
    [
      { interface: 'lo', hosts: ['a b'] },
      ['hosts[0]: expected a host, *.name for those below a name, or *'],
    ],
  ])('%j', (raw, expected) => {
    expect(problems(raw)).toEqual(expected);
  });

  it('all have a default, so that a command line may be short', () => {
    expect(Object.values(options).filter(({ isRequired }) => isRequired)).toEqual([]);
  });
});

describe('what captures', () => {
  const given = (raw: object) =>
    ({
      ...{
        interface: 'eth0',
        filter: 'tcp port 80',
        netns: '',
        tcpdump: 'tcpdump',
        kernel_buffer: 1_048_576,
      },
      ...raw,
    }) as Parameters<typeof captureCommand>[0];

  it('is tcpdump, with the filter as one word and no shell', () => {
    expect(captureCommand(given({ filter: 'tcp; rm -rf /' }))).toEqual({
      program: 'tcpdump',
      argv: ['-i', 'eth0', '-s', '0', '-n', '-U', '-w', '-', '-B', '1024', 'tcp; rm -rf /'],
    });
  });

  it.each([
    ['4711', '--net=/proc/4711/ns/net'],
    ['/run/netns/app', '--net=/run/netns/app'],
  ])('is started in the namespace of %s', (netns, place) => {
    const { program, argv } = captureCommand(given({ netns }));

    expect(program).toBe('nsenter');
    expect(argv.slice(0, 4)).toEqual([place, '--', 'tcpdump', '-i']);
  });

  it('knows the addresses of a namespace from its kernel', () => {
    const text = `Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 10.213.77.0/24 2 0 2
        |-- 10.213.77.0
           /24 link UNICAST
        |-- 10.213.77.2
           /32 host LOCAL
        |-- 10.213.77.255
           /32 link BROADCAST
00000000000000000000000000000001 01 80 10 80       lo
fe800000000000001c2b3afffe4d5e6f 02 40 20 80     eth0
`;
    expect([...readAddresses(text)]).toEqual(['10.213.77.2', '::1', 'fe80::1c2b:3aff:fe4d:5e6f']);
  });
});
