/** The architecture page as a test: imports go one way (ARCHITECTURE.md, "The tree"). */
const below = (folder, allowed) => ({
  name: `${folder}-imports-down-only`,
  comment: `src/${folder} may import ${allowed.join(', ')} only.`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^(src|pumps)/', pathNot: [folder, ...allowed].map((name) => `^src/${name}/`) },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    below('lib', []),
    below('record', ['lib']),
    below('config', ['lib']),
    below('redis', ['config', 'lib']),
    below('telemetry', ['config', 'lib']),
    below('process', ['telemetry', 'lib']),
    below('pump', ['config', 'record', 'lib']),
    below('purge', ['redis', 'config', 'record', 'lib']),
    below('spill', ['purge', 'redis', 'config', 'record', 'lib']),
    below('route', ['purge', 'pump', 'redis', 'config', 'record', 'lib']),
    below('app', [
      ...['route', 'spill', 'purge', 'pump', 'redis', 'telemetry', 'config', 'record', 'lib'],
    ]),
    below('cli', ['app', 'route', 'spill', 'purge', 'pump', 'redis', 'config', 'record', 'lib']),
    {
      name: 'pumps-import-the-kit-only',
      comment: 'A pump sees #pump, its own folder, and its client library.',
      severity: 'error',
      from: { path: '^pumps/([^/]+)/', pathNot: '(\\.test|\\.testing|/testing)\\.ts$' },
      to: { path: '^(src|pumps)/', pathNot: ['^src/pump/index\\.ts$', '^pumps/$1/'] },
    },
    {
      name: 'src-never-imports-pumps',
      comment: 'Only main.ts and worker.ts introduce the pumps to the service.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(main|worker)\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^pumps/' },
    },
    {
      name: 'convict-behind-config',
      severity: 'error',
      from: { pathNot: '^src/config/' },
      to: { path: 'node_modules/convict' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'require', 'node', 'default'] },
  },
};
