import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildLoader, missingTools } from './ebpf-loader.mjs';
import { root } from './install.mjs';

/*
 * What can look on, on this machine. The two proxies always can; the others need rights, which are tried and not guessed. A
 * source that has an `obstacle` is left out, and the reason is said.
 */

const loader = path.join(root, 'dist', 'ebpf', 'sluice-ebpf');

/** @returns {Promise<{ name: string, words: string, obstacle?: string | undefined }[]>} */
export async function findSources() {
  return [
    { name: 'gateway', words: 'a reverse proxy before the API' },
    { name: 'forward', words: 'a forward proxy for what the API asks, which looks into its TLS' },
    {
      name: 'packets',
      words: 'packets of the loopback, by tcpdump',
      obstacle: whyNoPackets(),
    },
    {
      name: 'ebpf',
      words: 'what the API reads from its TLS library and writes to it, by the kernel',
      obstacle: await whyNoEbpf(),
    },
  ];
}

/** Their part of the configuration. */
export function sourcesWith(sources, app) {
  const all = {
    gateway: {
      listen: `127.0.0.1:${app.gatewayPort}`,
      target: `http://127.0.0.1:${app.shopPort}`,
      name: 'shop',
    },
    forward: {
      listen: `127.0.0.1:${app.forwardPort}`,
      mitm: true,
      ca_file: app.ca,
      origin_ca_file: app.originCa,
    },
    packets: {
      interface: 'lo',
      filter: [app.shopPort, app.ratesPort, app.paymentsPort]
        .map((port) => `tcp port ${port}`)
        .join(' or '),
    },
    ebpf: { watch: [String(app.shop.child.pid)], look_every: '200ms' },
  };
  return sources
    .filter(({ obstacle }) => obstacle === undefined)
    .map(({ name }) => ({ type: name, ...all[name] }));
}

function whyNoPackets() {
  // It opens the interface, says what it can give, and ends.
  const { error, status } = spawnSync('tcpdump', ['-i', 'lo', '-L'], { timeout: 10_000 });
  if (error?.code === 'ENOENT') return 'left out, as there is no tcpdump here';
  return status === 0
    ? undefined
    : 'left out, as this user may not capture with tcpdump (root may)';
}

async function whyNoEbpf() {
  if (!existsSync('/sys/kernel/btf/vmlinux'))
    return 'left out, as this is no Linux whose kernel describes its types (BTF)';
  if (process.getuid?.() !== 0) return 'left out, as only root may put probes into programs';
  try {
    if (!existsSync(loader)) {
      const missing = missingTools();
      if (missing.length > 0)
        return `left out, as its loader cannot be built: ${missing.join('; ')}`;
      buildLoader();
    }
  } catch (error) {
    return `left out, as its loader cannot be built: ${error.message.split('\n', 1)[0]}`;
  }
  return (await begins()) ? undefined : 'left out, as the kernel does not take its probes';
}

/** Whether the loader can begin: it says so with its first frame, or ends. */
function begins() {
  return new Promise((resolve) => {
    const child = spawn(loader, [], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 10_000 });
    child.stdin.on('error', () => undefined);
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
    child.stdout.once('data', () => {
      resolve(true);
      child.stdin.end();
    });
  });
}
