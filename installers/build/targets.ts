import { join } from 'node:path';
import { blobMakers, type Runtime, runtimes, type TargetName } from './runtimes.ts';

/** Version of the `@napi-rs/keyring` package and its addon packages. */
export const KEYRING_VERSION = '2.1.2';
/** Version of the `@primno/dpapi` package, which contains its addons for Windows. */
export const DPAPI_VERSION = '2.0.1';

/** Version of the `native-reg` package, which contains its addons for Windows. */
export const REGISTRY_VERSION = '1.1.1';

/** The package of Microsoft's authentication runtime, which `npm run package -- --with-windows-broker` adds. */
export const BROKER_PACKAGE = '@azure/msal-node-runtime';
export const BROKER_VERSION = '0.20.7';

/** A file of that package, which goes next to the program as it is. */
export interface BrokerFile {
  readonly name: string;
  /** Path inside the package. */
  readonly file: string;
  /** In hexadecimal. No build takes another one. */
  readonly sha256: string;
}

/** A native addon that goes into the binary as an asset. */
export interface Addon {
  /** The name that `readAsset` of src/platform/packaged.ts takes. */
  readonly asset: string;
  readonly package: string;
  readonly version: string;
  /** Path inside the package. */
  readonly file: string;
}

export interface Target {
  /** As in the names of the release files. */
  readonly name: TargetName;
  readonly platform: NodeJS.Platform;
  readonly arch: 'x64' | 'arm64';
  readonly runtime: Runtime;
  readonly addons: readonly Addon[];
  /** What pkg calls this platform. */
  readonly pkgPlatform: 'linux' | 'macos' | 'win';
  readonly executable: string;
  /** Windows only: for packages with the broker. */
  readonly broker?: readonly BrokerFile[];
  /** Windows only: the launcher that starts the program without a console window, for the agent. */
  readonly windowless?: string;
  /**
   * Set if the symbol table of Node's executable (17 MB) is removed. Only debuggers read it; addons use another one.
   * The executable for Windows has none, and the effect on macOS couldn't be tested here.
   */
  readonly isStripped?: true;
}

const unix = { executable: 'foundry-credential-helper' } as const;
const windows = {
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
    runtime: runtimes['linux-x64'],
    isStripped: true,
    addons: [keyring('linux-x64-gnu')],
  },
  {
    ...unix,
    name: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    pkgPlatform: 'linux',
    runtime: runtimes['linux-arm64'],
    isStripped: true,
    addons: [keyring('linux-arm64-gnu')],
  },
  {
    ...unix,
    name: 'macos-x64',
    platform: 'darwin',
    arch: 'x64',
    pkgPlatform: 'macos',
    runtime: runtimes['macos-x64'],
    addons: [keyring('darwin-x64')],
  },
  {
    ...unix,
    name: 'macos-arm64',
    platform: 'darwin',
    arch: 'arm64',
    pkgPlatform: 'macos',
    runtime: runtimes['macos-arm64'],
    addons: [keyring('darwin-arm64')],
  },
  {
    ...windows,
    name: 'windows-x64',
    platform: 'win32',
    arch: 'x64',
    pkgPlatform: 'win',
    runtime: runtimes['windows-x64'],
    addons: [dpapi('win32-x64'), registry('win32-x64')],
    broker: [
      brokerFile('x64', 'msal-node-runtime.node', '5468a814e9149284e6fc46f75757a2f38534d10101b9e0f2258998212a4b0ef9'),
      brokerFile('x64', 'msalruntime.dll', '30d6b97639ad6424997b809547f112a56eb2d3a7ff381015b30df5d6debe57cb'),
    ],
  },
  {
    ...windows,
    name: 'windows-arm64',
    platform: 'win32',
    arch: 'arm64',
    pkgPlatform: 'win',
    runtime: runtimes['windows-arm64'],
    addons: [dpapi('win32-arm64'), registry('win32-arm64')],
    broker: [
      brokerFile('arm64', 'msal-node-runtime.node', '5bb3558e7eccbb8b5fca7ff09d55255548bb5f8f67e9162b282ab265cc2fee7c'),
      brokerFile('arm64', 'msalruntime_arm64.dll', '13e02f70f5b7c20dce5c065c6e247cad96f639989f56aaf7407b81cea945f714'),
    ],
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

/** The addon looks for its library under exactly this name. */
function brokerFile(arch: Target['arch'], name: string, sha256: string): BrokerFile {
  return { name, file: join('dist', 'windows', arch, name), sha256 };
}

/** @throws Error if there's no binary for this computer */
export function hostTarget(): Target {
  const host = targets.find((target) => target.platform === process.platform && target.arch === process.arch);
  if (host === undefined) throw new Error(`no target for ${process.platform} ${process.arch}`);
  return host;
}

/**
 * The Node for this computer that makes a target's blob: it has the same version as the target's Node.
 * @throws Error if installers/build/runtimes.json has none for this computer
 */
export function blobMakerOf(target: Target): Runtime {
  const host = hostTarget();
  if (host.runtime.version === target.runtime.version) return host.runtime;
  const maker = blobMakers[host.name];
  if (maker?.version === target.runtime.version) return maker;
  throw new Error(`installers/build/runtimes.json has no Node ${target.runtime.version} for ${host.name}`);
}
