// Command line of run.mjs.
export const usage = `usage: node run.mjs --pump "CMD with {conf}" [options]

  --pump CMD      how to start the pump under test; {conf} becomes the path of its config file
  --cases DIR     folder of cases (default: cases beside run.mjs; records are looked up in ../records)
  --only GLOB     run only cases whose "<pump>/<case>" name matches, e.g. 'elasticsearch/*'
  --groups A,B    run only cases of these groups (the part before the slash)
  --jobs N        cases run at the same time (default 16)
  --ports A-B     port range for everything the runner starts (default 21000-21999)
  --json FILE     also write all results to FILE
  --record        write expected.* instead of comparing
  --reference     the pump under test is the real Tyk Pump: cases it is known to crash on pass when it crashes
  --keep          keep the temporary folder of each case
`;

export function parseArgs(argv) {
  const options = { jobs: 16, ports: '21000-21999', only: '*', record: false, reference: false, keep: false };
  const flags = new Set(['record', 'reference', 'keep']);
  const values = new Set(['pump', 'cases', 'only', 'groups', 'jobs', 'ports', 'json']);
  for (let i = 0; i < argv.length; i++) {
    const name = argv[i].replace(/^--/, '');
    if (flags.has(name)) options[name] = true;
    else if (values.has(name) && i + 1 < argv.length) options[name] = argv[++i];
    else throw new Error(`unknown option ${argv[i]}\n\n${usage}`);
  }
  if (!options.pump?.includes('{conf}')) throw new Error(`--pump is needed and has to contain {conf}\n\n${usage}`);
  options.jobs = Number(options.jobs);
  return options;
}

export function globToRegExp(glob) {
  const body = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.');
  return new RegExp(`^${body}$`);
}
