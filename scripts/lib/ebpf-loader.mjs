import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './install.mjs';

const sources = path.join(root, 'sources/ebpf/native');

/** How clang calls the machines that the kernel's part knows, and where Debian keeps their headers. */
const machines = {
  x64: { target: 'x86', headers: '/usr/include/x86_64-linux-gnu' },
  arm64: { target: 'arm64', headers: '/usr/include/aarch64-linux-gnu' },
};

/**
 * What is missing to build it, a phrase each.
 * @returns {string[]}
 */
export function missingTools() {
  const machine = machines[process.arch];
  if (process.platform !== 'linux') return ['eBPF is of Linux'];
  if (machine === undefined) return [`it knows x64 and arm64, not ${process.arch}`];
  const missing = [];
  if (!works('clang', ['--version'])) missing.push('there is no clang');
  else
    for (const [header, library] of [
      ['bpf/libbpf.h', 'libbpf'],
      ['gelf.h', 'libelf'],
    ])
      if (!works('clang', ['-E', '-include', header, '-x', 'c', '/dev/null', '-o', '/dev/null']))
        missing.push(`there is no ${library} to build with (${header})`);
  return missing;
}

/**
 * Builds the loader with the kernel's part in it. Throws with what the compiler said.
 * @returns {string} its path
 */
export function buildLoader(folder = path.join(root, 'dist/ebpf')) {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(path.join(tmpdir(), 'sluice-ebpf-'));
  const { target, headers } = machines[process.arch];
  const kernelPart = path.join(scratch, 'tls.bpf.o');
  const loader = path.join(folder, 'sluice-ebpf');
  const c = readdirSync(sources).filter((name) => /\.[cS]$/.test(name) && !name.endsWith('.bpf.c'));
  try {
    run('clang', [
      ...['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', `-D__TARGET_ARCH_${target}`],
      ...[`-I${headers}`, '-c', path.join(sources, 'tls.bpf.c'), '-o', kernelPart],
    ]);
    // Without what debuggers want it is a third as large; the kernel's types stay in.
    if (works('llvm-strip', ['--version'])) run('llvm-strip', ['-g', kernelPart]);
    const compile = (libraries) => [
      ...['-O2', '-Wall', '-Werror', '-D_GNU_SOURCE', `-DKERNEL_PART="${kernelPart}"`],
      ...['-D_FORTIFY_SOURCE=2', '-fstack-protector-strong', '-fPIE', '-pie'],
      ...['-Wl,-z,relro,-z,now', '-o', loader],
      ...c.map((name) => path.join(sources, name)),
      ...libraries,
    ];
    // With its libraries in it, it runs on machines that have none of them; not every distribution has them for that.
    const inside = ['-Wl,-Bstatic', '-lbpf', '-lelf', '-lz', '-Wl,-Bdynamic', '-ldl'];
    if (!works('clang', compile(inside))) run('clang', compile(['-lbpf', '-lelf', '-lz', '-ldl']));
    if (works('llvm-strip', ['--version'])) run('llvm-strip', [loader]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return loader;
}

const works = (program, args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

function run(program, args) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
}
