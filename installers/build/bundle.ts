// Bundles src/ into the binary's files, each from one entry point. `main.js` contains main.ts and the helper's fast
// path. Every other role is a part, a separate asset that src/platform/parts.ts loads: a helper doesn't parse it, and
// the agent's memory holds no other role's code. Each file has its own copy of the modules it shares with others, so
// only plain values may pass between main.js and a part: `instanceof` doesn't work across them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile } from 'esbuild';
import { projectFolder } from '../../scripts/project-folder.ts';
import { LANGUAGES } from '../../src/sign-in-page/languages/languages.ts';
import { textAsset } from '../../src/sign-in-page/languages/messages.ts';

export { projectFolder };

/** The entry point of main.js, below `src`. */
const MAIN = 'main.ts';
/** The parts' entry points below `src`, by asset name. */
export const PARTS: Readonly<Record<string, string>> = {
  'agent.js': 'agent-process/run.ts',
  'cli.js': 'cli/run-cli.ts',
  'helper.js': 'helper/unusual-run.ts',
};
/** Code for separate threads, which no other part contains. */
const THREADS: Readonly<Record<string, string>> = {
  // QuickJS, for PAC files.
  'pac.js': 'proxy/pac/pac-worker.ts',
};

/** Of the sign-in page, in each language. */
const TEXTS = 'src/sign-in-page/languages';

/** Their native addons are assets, which src/platform/packaged.ts reads. */
const EXTERNAL = ['@napi-rs/keyring', '@primno/dpapi', 'native-reg'];

export interface BundleOptions {
  /** Default: the project's `src`. */
  readonly sourceFolder?: string;
  /** Default: the project's `build`. */
  readonly outputFolder?: string;
  /** Default: the version in package.json. */
  readonly version?: string;
}

export interface BundleFile {
  readonly path: string;
  readonly bytes: number;
  /** esbuild's record of what went in; paths are relative to the project's folder. */
  readonly metafile: Metafile;
}

export interface Bundle {
  readonly main: BundleFile;
  /** By asset name. */
  readonly parts: Readonly<Record<string, BundleFile>>;
}

/** The project's files that the binary reads when it needs them: paths by asset name. */
export function bundleAssets({ parts }: Bundle): Record<string, string> {
  const texts = LANGUAGES.map((language) => [textAsset(language), join(projectFolder, TEXTS, `${language}.json`)]);
  return Object.fromEntries([...Object.entries(parts).map(([name, { path }]) => [name, path]), ...texts]);
}

/** esbuild's records for all files. */
export function metafilesOf({ main, parts }: Bundle): readonly Metafile[] {
  return [main, ...Object.values(parts)].map(({ metafile }) => metafile);
}

/** Writes `main.js`, the parts, and their metafiles. The same sources make the same bytes. */
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
  for (const [name, entry] of Object.entries(THREADS)) {
    parts[name] = write(outputFolder, name, await bundleThread(join(sourceFolder, entry), version));
  }
  return { main, parts };
}

type Result = BuildResult<{ metafile: true; write: false }>;

async function bundleMain(sourceFolder: string, version: string): Promise<Result> {
  const entries = Object.values(PARTS).map((entry) => join(sourceFolder, entry));
  const result = await build({
    ...buildOptions(version),
    entryPoints: [join(sourceFolder, MAIN)],
    // These are imported only when run from source. In the binary, `loadPart` never gets to the import.
    external: [...EXTERNAL, ...entries],
  });
  checkPartImports(entries, result.metafile);
  return result;
}

function bundleThread(entry: string, version: string): Promise<Result> {
  const options = buildOptions(version);
  return build({
    ...options,
    entryPoints: [entry],
    // An emscripten module looks for its other files next to it, and doesn't need them.
    banner: { js: 'const moduleUrl=require("node:url").pathToFileURL(process.execPath).href;' },
    define: { ...options.define, 'import.meta.url': 'moduleUrl' },
  });
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
    alias: {
      // Its CommonJS form has a UMD wrapper, whose `require` esbuild can't follow.
      'jsonc-parser': 'jsonc-parser/lib/esm/main.js',
      jsonwebtoken: join(import.meta.dirname, 'no-jsonwebtoken.ts'),
      xml2js: join(import.meta.dirname, 'no-xml2js.ts'),
    },
    // In a packaged program, `import()` would run files from the working folder. `require` loads only Node's modules.
    supported: { 'dynamic-import': false },
    define: {
      BUILD_VERSION: JSON.stringify(version),
      BUILD_COMMIT: JSON.stringify(commit()),
      // Only used when run from source.
      'import.meta.url': 'undefined',
    },
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
  // esbuild leaves non-ASCII characters in tagged templates and regular expressions as they are, and
  // src/platform/parts.ts would read each of their bytes as a character.
  const [line] = file.text.split('\n').flatMap((text) => /.{0,30}\P{ASCII}.{0,30}/u.exec(text) ?? []);
  if (line !== undefined) throw new Error(`${name} isn't ASCII, write it with an escape: ${line}`);
  const path = join(folder, name);
  writeFileSync(path, file.contents);
  writeFileSync(join(folder, name.replace(/js$/, 'meta.json')), JSON.stringify(metafile));
  return { path, bytes: file.contents.length, metafile };
}
