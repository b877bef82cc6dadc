// `npm run build:ebpf`: the loader of the source `ebpf`, to dist/ebpf/. It is C, so it wants clang, libbpf and libelf, which
// nothing else here does. `--check` says whether they are there.
import { buildLoader, missingTools } from './lib/ebpf-loader.mjs';

const missing = missingTools();
if (missing.length > 0) {
  console.error(`The loader of eBPF cannot be built: ${missing.join('; ')}.
Debian and Ubuntu have them by: apt-get install clang llvm libbpf-dev libelf-dev
All else of Sluice works without it; only the source "ebpf" says that it has no loader.`);
  process.exit(1);
}
if (!process.argv.includes('--check')) console.log(`Built ${buildLoader()}`);
