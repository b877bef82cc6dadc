/** The architecture page as a test: imports go one way (ARCHITECTURE.md, "The tree"). */
const below = (folder, allowed) => ({
  name: `${folder}-imports-down-only`,
  comment: `src/${folder} may import ${allowed.join(', ')} only.`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(src|pumps|sources)/',
    pathNot: [folder, ...allowed].map((name) => `^src/${name}/`),
  },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    below('lib', []),
    below('record', ['lib']),
    below('query', ['record', 'lib']),
    below('config', ['lib']),
    below('redis', ['config', 'lib']),
    below('telemetry', ['config', 'lib']),
    below('process', ['telemetry', 'lib']),
    below('pump', ['config', 'record', 'lib']),
    below('plugins', ['pump', 'config', 'lib']),
    below('purge', ['redis', 'config', 'record', 'lib']),
    below('spill', ['purge', 'redis', 'config', 'record', 'lib']),
    below('edit', ['query', 'config', 'record', 'lib']),
    below('traffic', ['query', 'record', 'lib']),
    below('model', ['edit', 'query', 'config', 'record', 'lib']),
    below('route', ['purge', 'pump', 'edit', 'redis', 'config', 'query', 'record', 'lib']),
    below('operate', [
      ...['route', 'edit', 'spill', 'purge', 'pump', 'redis', 'config', 'query', 'record'],
      'lib',
    ]),
    below('app', [
      ...[
        'console',
        'operate',
        'route',
        'edit',
        'spill',
        'purge',
        'pump',
        'redis',
        'telemetry',
        'config',
        'query',
        'record',
        'lib',
      ],
    ]),
    {
      name: 'console-imports-the-api-only',
      comment:
        'src/console serves files and keeps an hour of numbers: of the service it knows who may ask (app/api).',
      severity: 'error',
      from: { path: '^src/console/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src|pumps)/',
        pathNot: [
          ...['console', 'telemetry', 'config', 'lib'].map((name) => `^src/${name}/`),
          '^src/app/api/(access|endpoint|schema)\\.ts$',
        ],
      },
    },
    {
      name: 'console-in-the-browser-knows-the-words-only',
      comment: 'What runs in a browser shares with the service the table of words alone.',
      severity: 'error',
      from: { path: '^src/console/web/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src|pumps)/',
        pathNot: ['^src/console/web/', '^src/lib/vocabulary\\.ts$'],
      },
    },
    below('cli', [
      ...['app', 'operate', 'route', 'edit', 'spill', 'purge', 'pump', 'redis', 'config', 'query'],
      ...['model', 'traffic', 'record', 'lib'],
    ]),
    {
      name: 'pumps-import-the-kit-only',
      comment: 'A pump sees #pump, its own folder, pumps/shared, and its client library.',
      severity: 'error',
      from: { path: '^pumps/([^/]+)/', pathNot: '(\\.test|\\.testing|/testing)\\.ts$' },
      to: {
        path: '^(src|pumps)/',
        pathNot: ['^src/(pump|model|traffic)/index\\.ts$', '^pumps/($1|shared)/'],
      },
    },
    {
      name: 'the-api-model-has-one-door',
      comment:
        'Only the pump `model` learns one, through #model, so that nobody else loads it; commands read its file.',
      severity: 'error',
      from: { path: '^(src|pumps|sources)/', pathNot: ['^src/(model|cli)/', '^pumps/model/'] },
      to: { path: '^src/model/' },
    },
    {
      name: 'the-traffic-store-has-one-door',
      comment:
        'Only the pump `traffic` writes to one, through #traffic, so that nobody else loads it; commands read it.',
      severity: 'error',
      from: {
        path: '^(src|pumps|sources)/',
        pathNot: ['^src/(traffic|cli)/', '^pumps/traffic/'],
      },
      to: { path: '^src/traffic/' },
    },
    {
      name: 'templates-import-what-pumps-may',
      severity: 'error',
      from: { path: '^templates/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(src|pumps|templates)/', pathNot: ['^src/pump/index\\.ts$', '^templates/$1/'] },
    },
    {
      name: 'kafka-producer-knows-no-pump',
      comment:
        'The producer is a library of its own: nothing in it, tests included, imports the pump around it.',
      severity: 'error',
      from: { path: '^pumps/kafka/producer/' },
      to: { path: '^pumps/', pathNot: '^pumps/kafka/producer/' },
    },
    {
      name: 'kafka-producer-has-one-door',
      comment:
        'The pump imports producer.ts alone; its tests also what the producer has for tests.',
      severity: 'error',
      from: { path: '^(src|pumps)/', pathNot: '^pumps/kafka/producer/' },
      to: {
        path: '^pumps/kafka/producer/',
        pathNot: ['^pumps/kafka/producer/producer\\.ts$', '\\.testing\\.ts$'],
      },
    },
    {
      name: 'sources-import-the-kit-only',
      comment: 'A source sees #source, its own folder and sources/shared.',
      severity: 'error',
      from: { path: '^sources/([^/]+)/', pathNot: '(\\.test|\\.testing|/testing)\\.ts$' },
      to: {
        path: '^(src|pumps|sources)/',
        pathNot: ['^src/capture/index\\.ts$', '^sources/($1|shared)/'],
      },
    },
    {
      name: 'the-demo-is-a-stranger',
      comment:
        'What `sluice capture` looks at in the demo has nothing of it, but for what makes certificates.',
      severity: 'error',
      from: { path: '^demo/' },
      to: { path: '^(src|pumps|sources)/', pathNot: '^sources/forward/certificates/' },
    },
    {
      name: 'nobody-needs-the-demo',
      severity: 'error',
      from: { path: '^(src|pumps|sources)/' },
      to: { path: '^demo/' },
    },
    {
      name: 'the-pump-knows-no-capture',
      comment:
        'Capturing has a bundle of its own: nothing of the pump imports it. Only capture.ts introduces sources to it.',
      severity: 'error',
      from: {
        path: '^(src|pumps)/',
        pathNot: ['^src/capture/', '^src/capture\\.ts$', '\\.test\\.ts$'],
      },
      to: { path: '^(src/capture|sources)/' },
    },
    {
      name: 'capture-kit-imports-down-only',
      comment:
        'src/capture is the kit; service/ in it is the process around it, which may use what the pump is made of.',
      severity: 'error',
      from: { path: '^src/capture/', pathNot: ['^src/capture/service/', '\\.test(ing)?\\.ts$'] },
      to: {
        path: '^(src|pumps|sources)/',
        pathNot: ['^src/capture/(?!service/)', '^src/(edit|redis|config|query|record|lib)/'],
      },
    },
    {
      name: 'src-never-imports-pumps',
      comment: 'Only main.ts and worker.ts introduce the pumps to the service.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(main|worker|capture)\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^(pumps|sources)/' },
    },
    {
      name: 'record-machine-knows-no-format',
      comment:
        'src/record: a format imports the machine (write/) and the record; nothing of them imports a format.',
      severity: 'error',
      from: {
        path: '^src/record/(write|msgpack|protobuf|time|encode)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^src/record/(json|csv|go-text|line-protocol)/' },
    },
    {
      name: 'record-formats-apart',
      severity: 'error',
      from: { path: '^src/record/(json|csv|go-text|line-protocol)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/record/(json|csv|go-text|line-protocol)/', pathNot: '^src/record/$1/' },
    },
    {
      name: 'record-decoders-write-nothing',
      severity: 'error',
      from: { path: '^src/record/(msgpack|protobuf|time)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/record/(write|encode)/' },
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
