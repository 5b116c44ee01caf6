// Who may import whom. The table of ARCHITECTURE.md, enforced by `npm run check`.
const FOLDERS = {
  core: [],
  platform: ['core'],
  formats: ['core', 'platform'],
  config: ['core', 'platform', 'formats'],
  'claude-desktop': ['core', 'platform', 'formats', 'config'],
  'claude-code': ['core', 'platform', 'formats', 'config'],
  storage: ['core', 'platform'],
  autostart: ['core', 'platform'],
  ipc: ['core', 'platform', 'autostart'],
  entra: ['core'],
  prompt: ['core', 'platform'],
  endpoint: ['core', 'platform'],
  notify: ['core'],
  agent: ['core', 'platform', 'config', 'claude-desktop', 'storage', 'ipc', 'entra', 'prompt', 'notify'],
  helper: ['core', 'platform', 'ipc'],
  rollout: ['core', 'platform', 'formats', 'config', 'claude-desktop', 'claude-code'],
  doctor: ['core', 'platform', 'formats', 'config', 'claude-desktop', 'storage', 'ipc', 'entra', 'autostart'],
  cli: [
    'core',
    'platform',
    'formats',
    'config',
    'claude-desktop',
    'claude-code',
    'storage',
    'ipc',
    'autostart',
    'rollout',
    'doctor',
    'endpoint',
  ],
};

const folderRules = Object.entries(FOLDERS).map(([folder, allowed]) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

/** Only these folders may import those packages. */
const packageRules = [
  ['entra', '@azure/msal-'],
  ['(storage|platform)', '@napi-rs/keyring'],
  ['(storage|platform)', '@primno/dpapi'],
  ['cli', 'commander'],
  ['platform', 'native-reg'],
  ['(formats|rollout)', 'plist'],
  ['formats', '@xmldom'],
  ['formats', 'asn1js'],
].map(([folder, package_]) => ({
  name: `only-${folder}-imports-${package_}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}/` },
  to: { path: `node_modules/${package_}` },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    ...packageRules,
    {
      name: 'folder-without-a-rule',
      comment: 'a new folder under src needs a row in FOLDERS',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(main[.]ts$|(${Object.keys(FOLDERS).join('|')})/)` },
      to: {},
    },
    {
      name: 'core-imports-only-node-util',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '^(node:)?util$'] },
    },
    {
      name: 'main-imports-roles-dynamically',
      comment: 'main.ts loads one role; only the helper, which nearly every start is, comes along with it',
      severity: 'error',
      from: { path: '^src/main[.]ts$' },
      to: { dynamic: false, dependencyTypesNot: ['core'], pathNot: '^src/(helper/run-helper|platform/parts)[.]ts$' },
    },
    {
      name: 'nothing-imports-main',
      severity: 'error',
      from: {},
      to: { path: '^src/main[.]ts$' },
    },
    {
      name: 'product-does-not-import-tools',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(scripts|installers|test|bench)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'product-imports-no-dev-dependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    builtInModules: { add: ['node:sea'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
