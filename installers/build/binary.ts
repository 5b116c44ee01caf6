// Puts the bundle and the native addons into a copy of Node's executable, using the pipeline of `@yao-pkg/pkg` for
// Node's "single executable applications". Downloads nothing.
import { execFileSync } from 'node:child_process';
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import sea, { type SeaConfig } from '@yao-pkg/pkg/lib-es5/sea.js';
import { signExecutable } from '../macos/executable.ts';
import { projectFolder } from './bundle.ts';
import { nodeVersionInside } from './node-version.ts';
import { type Runtime, requireRuntime } from './runtimes.ts';
import { blobMakerOf, hostTarget, type Target } from './targets.ts';

export interface BinaryOptions {
  readonly target: Target;
  /** The target's Node executable. */
  readonly runtime: string;
  /** Node for this computer in the version of `runtime`; it makes the blob. Default: the Node that runs this. */
  readonly blobMaker?: string;
  readonly main: string;
  /** Paths by asset name. */
  readonly assets: Readonly<Record<string, string>>;
  readonly output: string;
  /** For temporary files. Two builds at the same time need different folders. Default: the project's `build`. */
  readonly workFolder?: string;
}

/**
 * The target's Node executable as npm installed it.
 * @param nodeModules for another system: that of `installTargetDependencies`
 * @throws Error if npm didn't install it, or installed another one than nodejs.org's
 */
export function installedRuntime(target: Target, nodeModules = ownNodeModules): string {
  return installedNode(target.runtime, nodeModules);
}

/** The Node executable in a `node_modules`. @throws Error as `installedRuntime` */
export function installedNode(runtime: Runtime, nodeModules: string): string {
  const path = installedFile(nodeModules, runtime.package, runtime.file);
  requireRuntime(path, runtime);
  return path;
}

/** The target's addons by asset name; `nodeModules` and errors as in `installedRuntime`. */
export function installedAddons(target: Target, nodeModules = ownNodeModules): Record<string, string> {
  const files = target.addons.map((addon) => [addon.asset, installedFile(nodeModules, addon.package, addon.file)]);
  return Object.fromEntries(files) as Record<string, string>;
}

const ownNodeModules = join(projectFolder, 'node_modules');

function installedFile(nodeModules: string, packageName: string, file: string): string {
  const path = join(nodeModules, packageName, file);
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npm ci --ignore-scripts"`);
  return path;
}

/**
 * Makes one executable, for macOS with an ad hoc signature. The same inputs make the same bytes.
 * @throws Error if the runtime or the blob's maker isn't the one of installers/build/runtimes.json, to the byte
 */
export async function makeBinary(options: BinaryOptions): Promise<void> {
  const { target, runtime, blobMaker = process.execPath, main, assets, output } = options;
  const { workFolder = join(projectFolder, 'build') } = options;
  requireOneVersion(target, runtime, blobMaker);
  requireRuntime(runtime, target.runtime);
  requireRuntime(blobMaker, blobMakerOf(target));
  const home = join(workFolder, `pkg-home-${target.name}`);
  const seaConfig = {
    // Node keeps this path in the blob. pkg would pass the absolute path, which would put the build's folder into the
    // bytes. pkg resolves it from a temporary folder in `home`.
    main: relative(join(home, 'temporary'), main),
    disableExperimentalSEAWarning: true,
    // Both would tie the blob to this host's processor and system.
    useSnapshot: false,
    useCodeCache: false,
    assets: { ...assets },
    execArgv: [
      // No one may open the debugger of a running agent with a signal.
      '--disable-sigusr1',
      // A helper starts faster without a random hash seed. What the agent parses is bounded
      // (docs/explanation/threat-model.md).
      '--no-rehash-snapshot',
      // No memory is both writable and executable, and an idle agent needs less of it. There's no WebAssembly then.
      '--jitless',
      '--max-semi-space-size=1',
      '--expose-gc',
      // Ends Node's own options. Without it, Node takes an argv[0] such as `--require=FILE` for one of them.
      '--',
    ],
    // NODE_OPTIONS can't add code or flags either.
    execArgvExtension: 'none',
  } satisfies SeaConfig & Record<string, unknown>;
  mkdirSync(dirname(output), { recursive: true });
  const draftFolder = join(workFolder, `draft-${target.name}`);
  const draft = join(draftFolder, basename(output));
  rmSync(draftFolder, { recursive: true, force: true });
  mkdirSync(draftFolder, { recursive: true });
  const base = target.isStripped === true ? stripped(runtime, join(draftFolder, 'node')) : runtime;
  const bases = [
    { target: hostTarget(), path: blobMaker },
    { target, path: base },
  ];
  await withPkgCache(bases, target.runtime.version, home, async () => {
    const pkgTarget = {
      nodeRange: `node${target.runtime.version}`,
      platform: target.pkgPlatform,
      arch: target.arch,
      output: draft,
    };
    // Signed below, because pkg can sign only if Apple's `codesign` is there.
    await sea.default(main, { targets: [pkgTarget], signature: false, seaConfig });
  });
  // Sign before the file gets its name: macOS remembers if a file was unsigned when it first ran.
  if (target.platform === 'darwin') signExecutable(draft);
  writeInOnePiece(readFileSync(draft), output);
  rmSync(draftFolder, { recursive: true });
}

/** A blob's layout belongs to one exact version of Node. Another version crashes on it or misreads it. */
function requireOneVersion(target: Target, runtime: string, blobMaker: string): void {
  const { version } = target.runtime;
  const inside = nodeVersionInside(runtime);
  if (inside !== version)
    throw new Error(`${runtime} is Node ${inside}; installers/build/runtimes.json wants ${version}`);
  const maker = blobMaker === process.execPath ? process.versions.node : nodeVersionInside(blobMaker);
  if (maker !== version) throw new Error(`Node ${maker} can't make the blob for ${target.name}: it needs ${version}`);
}

/**
 * Uses elfutils, which knows every processor. Unlike binutils, it leaves all loaded parts where they were, at places
 * that Linux can map in 2 MB pages.
 */
function stripped(runtime: string, output: string): string {
  execFileSync('eu-strip', ['-o', output, runtime]);
  return output;
}

/**
 * Writes the file in one piece and replaces `output`, so a program that runs from there isn't disturbed. Linux caches a
 * file written in one piece in 2 MB pages and maps those whole, so the program starts faster.
 */
function writeInOnePiece(bytes: Buffer, output: string): void {
  const whole = `${output}.new`;
  rmSync(whole, { force: true });
  writeFileSync(whole, bytes, { mode: 0o755 });
  renameSync(whole, output);
}

/** A target's Node executable. */
interface Base {
  readonly target: Target;
  readonly path: string;
}

/**
 * pkg takes Node from a cache in the home folder and downloads what's missing there. So it gets its own home
 * folder, with Node where pkg would have unpacked its downloads. These are copies, because on Windows only developers
 * may make links.
 * @param bases the last one for a target counts
 */
async function withPkgCache(
  bases: readonly Base[],
  version: string,
  home: string,
  work: () => Promise<void>,
): Promise<void> {
  rmSync(home, { recursive: true, force: true });
  for (const base of bases) addToPkgCache(base, version, join(home, '.pkg-cache', 'sea'));

  // TMPDIR and TEMP: also its temporary folder, because of the path in the blob.
  const names = ['HOME', 'USERPROFILE', 'TMPDIR', 'TEMP'];
  const saved = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = home;
  try {
    await work();
  } finally {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(home, { recursive: true, force: true });
  }
}

function addToPkgCache({ target, path }: Base, version: string, cache: string): void {
  const platform = target.pkgPlatform === 'macos' ? 'darwin' : target.pkgPlatform;
  const distribution = join(cache, `node-v${version}-${platform}-${target.arch}`);
  const [archive, executable] =
    platform === 'win'
      ? [`${distribution}.zip`, `${distribution}.exe`]
      : [`${distribution}.tar.gz`, join(distribution, 'bin', 'node')];
  mkdirSync(dirname(executable), { recursive: true });
  copyFileSync(path, executable, constants.COPYFILE_FICLONE);
  // pkg's marks for "downloaded and verified" and "unpacked". With them, it never opens the archive.
  for (const mark of [archive, `${archive}.ok`, `${executable}.ok`]) writeFileSync(mark, '');
}
