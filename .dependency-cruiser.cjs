// The folder order of the house (docs/architecture.md): a folder imports values only from folders that stand above it.
// It looks at dist/, where tsc has taken the type imports out: those may cross.
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

const upward = ORDER.slice(0, -1).map((folder, i) => ({
  name: `order-${folder}`,
  comment: `${folder} stands above what it imports; see the folder order in docs/architecture.md`,
  severity: 'error',
  from: { path: `^dist/${folder}/` },
  to: { path: `^dist/((${ORDER.slice(i + 1).join('|')})/|index\\.js)` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'leaves',
      comment: 'event.ts and errors.ts import nothing but each other',
      severity: 'error',
      from: { path: '^dist/(event|errors)\\.js$' },
      to: { path: '^dist/(?!event|errors)' },
    },
    { name: 'no-dev-dependency', severity: 'error', from: { path: '^dist' }, to: { dependencyTypes: ['npm-dev'] } },
    ...upward,
  ],
  options: { doNotFollow: { path: 'node_modules' } },
};
