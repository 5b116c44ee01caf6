// Which folder may import which: the table in ARCHITECTURE.md, enforced by `npm run check`.
const FOLDERS = {
  core: [],
  platform: ['core'],
  log: ['core', 'platform'],
  formats: ['core', 'platform'],
  config: ['core', 'platform', 'formats'],
  'claude-desktop': ['core', 'platform', 'formats', 'config'],
  'claude-code': ['core', 'platform', 'formats', 'config'],
  storage: ['core', 'platform'],
  autostart: ['core', 'platform'],
  ipc: ['core', 'platform'],
  entra: ['core', 'platform', 'log'],
  proxy: ['core', 'platform', 'log', 'entra'],
  'sign-in-page': ['core', 'platform', 'log'],
  'managed-identity': ['core', 'platform'],
  notify: ['core', 'platform', 'log', 'sign-in-page'],
  agent: [
    'core',
    'platform',
    'log',
    'config',
    'claude-desktop',
    'storage',
    'ipc',
    'entra',
    'proxy',
    'sign-in-page',
    'notify',
  ],
  'agent-process': ['core', 'platform', 'config', 'ipc', 'autostart', 'agent'],
  helper: ['core', 'platform', 'ipc', 'agent-process'],
  rollout: ['core', 'platform', 'formats', 'config', 'claude-desktop', 'claude-code'],
  doctor: [
    'core',
    'platform',
    'log',
    'formats',
    'config',
    'claude-desktop',
    'storage',
    'ipc',
    'agent-process',
    'entra',
    'proxy',
    'autostart',
  ],
  cli: [
    'core',
    'platform',
    'formats',
    'config',
    'claude-desktop',
    'claude-code',
    'storage',
    'ipc',
    'agent-process',
    'autostart',
    'rollout',
    'doctor',
    'managed-identity',
  ],
};

/** Folders within a folder that may import more than the rest of it. */
const INNER_FOLDERS = {
  'entra/broker/linux': ['core', 'platform', 'entra'],
  'entra/broker/windows': ['core', 'platform', 'entra'],
};

const folderRules = Object.entries({ ...FOLDERS, ...INNER_FOLDERS }).map(([folder, allowed]) => ({
  name: `imports-of-${folder}`,
  comment: `src/${folder} may import ${['itself', ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: innerFoldersOf(folder) },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

function innerFoldersOf(folder) {
  return Object.keys(INNER_FOLDERS)
    .filter((inner) => inner.startsWith(`${folder}/`))
    .map((inner) => `^src/${inner}/`);
}

/** Packages, each with the only folders that may import it. */
const packageRules = [
  ['entra', '@azure/msal-'],
  ['(storage|platform)', '@napi-rs/keyring'],
  ['(storage|platform)', '@primno/dpapi'],
  ['cli', 'commander'],
  ['platform', 'dbus-native'],
  ['platform', 'native-reg'],
  ['(formats|rollout)', 'plist'],
  ['formats', '@xmldom'],
  ['formats', 'asn1js'],
  ['proxy', 'quickjs-emscripten-core'],
  ['proxy', '@jitl/'],
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
      name: 'core-imports-only-node-util-and-crypto',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '^(node:)?(util|crypto)$'] },
    },
    {
      name: 'main-imports-roles-dynamically',
      comment: 'main.ts loads one role; only the helper, which nearly every start is, comes along with it',
      severity: 'error',
      from: { path: '^src/main[.]ts$' },
      to: {
        dynamic: false,
        dependencyTypesNot: ['core'],
        pathNot: '^src/(helper/run-helper|platform/(core-dump|parts))[.]ts$',
      },
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
