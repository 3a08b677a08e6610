// The folder order of the house (docs/architecture.md): a folder imports values only from folders that stand above it.
const ORDER = [
  'util',
  'template',
  'transport',
  'inventory',
  'playbook',
  'vars',
  'facts',
  'modules',
  'engine',
  'store',
  'report',
  'schedule',
  'server',
  'dispatch',
  'cli',
];

const upward = ORDER.map((folder, i) => ({
  name: `order-${folder}`,
  comment: `src/${folder} stands above what it imports; see the folder order in docs/architecture.md`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: {
    path: `^src/(${ORDER.slice(i + 1)
      .concat('index\\.ts')
      .join('|')})(/|$)`,
    dependencyTypesNot: ['type-only'],
  },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'leaves',
      comment: 'event.ts and errors.ts import nothing but each other and types',
      severity: 'error',
      from: { path: '^src/(event|errors)\\.ts$' },
      to: { path: '^src/(?!event|errors|util/)', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    ...upward,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
