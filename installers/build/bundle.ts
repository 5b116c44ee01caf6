// Bundles src/ into the files of the binary, each from one entry point. `main.js` holds main.ts and the helper's fast path.
// Every other role is a part, an asset of its own: a helper doesn't even parse it (100 kB cost 2 ms), and the agent's memory
// holds no other role's code. src/platform/parts.ts loads it. Each file has its own copy of a module that several need, so
// only plain values may pass between main.js and a part: `instanceof` doesn't work across them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile } from 'esbuild';
import { projectFolder } from '../../scripts/project-folder.ts';

export { projectFolder };

/** The entry point of main.js, below `src`. */
const MAIN = 'main.ts';
/** The entry points of the parts, below `src`, by the name of the asset. */
export const PARTS: Readonly<Record<string, string>> = {
  'agent.js': 'agent-process/run.ts',
  'cli.js': 'cli/run-cli.ts',
  'helper.js': 'helper/unusual-run.ts',
};

/** Their native addons come as assets of their own, through src/platform/packaged.ts. */
const EXTERNAL = ['@napi-rs/keyring', '@primno/dpapi', 'native-reg'];

export interface BundleOptions {
  /** Default: the project's `src`. */
  readonly sourceFolder?: string;
  /** Default: the project's `build`. */
  readonly outputFolder?: string;
  /** Default: that of package.json. */
  readonly version?: string;
}

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
  /** esbuild's own account of what went in; paths relative to the project's folder. */
  readonly metafile: Metafile;
}

export interface Bundle {
  readonly main: BundleFile;
  /** By the name of the asset. */
  readonly parts: Readonly<Record<string, BundleFile>>;
}

/** The paths of the parts by asset name. */
export function partAssets({ parts }: Bundle): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, { path }]) => [name, path]));
}

/** esbuild's accounts of all files. */
export function metafilesOf({ main, parts }: Bundle): readonly Metafile[] {
  return [main, ...Object.values(parts)].map(({ metafile }) => metafile);
}

/** Writes `main.js`, the parts and their metafiles. The same sources give the same bytes. */
export async function bundle(options: BundleOptions = {}): Promise<Bundle> {
  const sourceFolder = resolve(options.sourceFolder ?? join(projectFolder, 'src'));
  const outputFolder = resolve(options.outputFolder ?? join(projectFolder, 'build'));
  mkdirSync(outputFolder, { recursive: true });

  const version = options.version ?? productVersion();
  const main = write(outputFolder, 'main.js', await bundleMain(sourceFolder, version));
  const parts: Record<string, BundleFile> = {};
  for (const [name, entry] of Object.entries(PARTS)) {
    const result = await build({ ...buildOptions(version), entryPoints: [join(sourceFolder, entry)] });
    parts[name] = write(outputFolder, name, result);
  }
  return { main, parts };
}

type Result = BuildResult<{ metafile: true; write: false }>;

async function bundleMain(sourceFolder: string, version: string): Promise<Result> {
  const entries = Object.values(PARTS).map((entry) => join(sourceFolder, entry));
  const result = await build({
    ...buildOptions(version),
    entryPoints: [join(sourceFolder, MAIN)],
    // The imports of these are for running from source. `loadPart` never gets to them in the binary.
    external: [...EXTERNAL, ...entries],
  });
  checkPartImports(entries, result.metafile);
  return result;
}

/** @throws Error unless `import()`, and nothing else, leads from main.js to every part */
function checkPartImports(entries: readonly string[], { inputs }: Metafile): void {
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  for (const entry of entries) {
    const kinds = imports.filter(({ path }) => resolve(projectFolder, path) === entry).map(({ kind }) => kind);
    if (kinds.length === 0) throw new Error(`nothing in main.js imports ${entry}: correct PARTS`);
    if (kinds.some((kind) => kind !== 'dynamic-import')) throw new Error(`${entry} must be imported by "import()"`);
  }
}

/** `x.y.z` of package.json. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string }).version;
}

function buildOptions(version: string) {
  return {
    absWorkingDir: projectFolder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    minify: true,
    legalComments: 'none',
    charset: 'ascii',
    sourcemap: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
    external: EXTERNAL,
    // Its CommonJS form has an UMD wrapper, whose `require` esbuild does not see through.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // In a packaged program `import()` runs files from the working folder. `require` only knows Node's modules.
    supported: { 'dynamic-import': false },
    define: { BUILD_VERSION: JSON.stringify(version), BUILD_COMMIT: JSON.stringify(commit()) },
  } as const satisfies BuildOptions;
}

function commit(): string {
  try {
    const args = ['-C', projectFolder, 'rev-parse', '--short=10', 'HEAD'];
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'source';
  }
}

function write(folder: string, name: string, { outputFiles, metafile }: Result): BundleFile {
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild wrote no ${name}`);
  // What is not ASCII in a tagged template or a regular expression stays as it is, and src/platform/parts.ts
  // would take each of its bytes for a character.
  const [line] = file.text.split('\n').flatMap((text) => /.{0,30}\P{ASCII}.{0,30}/u.exec(text) ?? []);
  if (line !== undefined) throw new Error(`${name} is not ASCII, write it with an escape: ${line}`);
  const path = join(folder, name);
  writeFileSync(path, file.contents);
  writeFileSync(join(folder, name.replace(/js$/, 'meta.json')), JSON.stringify(metafile));
  return { path, bytes: file.contents.length, metafile };
}
