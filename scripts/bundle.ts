// Bundles src/ into the files of the binary. `main.js` holds main.ts and the helper's fast path; every other role comes
// from a part of its own, which is not even parsed while a helper runs (100 kB cost 2 ms), and no other role's code is in
// the agent's memory. In src/ nothing shows of it: the files of `PARTS` are reached by `import()`, and a plugin turns those
// imports into lookups in their part (esbuild's own wrappers of modules cost a helper 0.4 ms). Modules that several need
// stand in each, so only plain values may pass between main.js and a part: `instanceof` does not see across.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin } from 'esbuild';
import { projectFolder } from './project-folder.ts';

export { projectFolder };

const ENTRY = 'main.ts';

/** Reached from `ENTRY` by a dynamic import in the source, by a static one in `main.js`: nearly every start is this. */
const FAST_MODULE = { path: './helper/run-helper.ts', name: 'runHelper' } as const;

/** Where `main.js` hands over: paths below `src` of modules that others import dynamically, by part. */
export const PARTS: Readonly<Record<string, readonly string[]>> = {
  'agent.js': ['agent/run-agent.ts'],
  'cli.js': ['cli/run-cli.ts'],
  'helper.js': ['helper/recover.ts', 'helper/at-terminal.ts'],
};

/** Their native addons come as assets of their own, through src/platform/packaged.ts. */
const EXTERNAL = ['@napi-rs/keyring', '@primno/dpapi', 'native-reg'];

const LOADER = 'platform/packaged-module.ts';

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
  for (const [name, modules] of Object.entries(PARTS))
    parts[name] = write(outputFolder, name, await bundlePart(name, modules, sourceFolder, version));
  return { main, parts };
}

type Result = BuildResult<{ metafile: true; write: false }>;

async function bundleMain(sourceFolder: string, version: string): Promise<Result> {
  const reached = new Set<string>();
  const nameOf = (folder: string, path: string): string => slashed(relative(sourceFolder, resolve(folder, path)));
  const plugin: Plugin = {
    name: 'parts',
    setup({ onResolve, onLoad }) {
      onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
        const source = path === join(sourceFolder, ENTRY) ? withStaticHelper(path) : readFileSync(path, 'utf8');
        const loader = slashed(relative(dirname(path), join(sourceFolder, LOADER))).replace(/^(?!\.)/, './');
        const contents = source.replaceAll(/\bimport\('(\.[^']+)'\)/g, (whole, target: string) => {
          const name = nameOf(dirname(path), target);
          const part = partOf(name);
          if (part === undefined) return whole;
          reached.add(name);
          return `Promise.resolve().then(() => loadModule('${part}', '${name}'))`;
        });
        if (contents === source) return { contents, loader: 'ts' };
        return { contents: `import { loadModule } from '${loader}';\n${contents}`, loader: 'ts' };
      });
      onResolve({ filter: /^\.{1,2}\//, namespace: 'file' }, ({ path, resolveDir }) => {
        const name = nameOf(resolveDir, path);
        return partOf(name) === undefined
          ? undefined
          : { errors: [{ text: `${name} must be imported by "import()"` }] };
      });
    },
  };
  const result = await build({ ...buildOptions(version), entryPoints: [join(sourceFolder, ENTRY)], plugins: [plugin] });
  const stale = Object.values(PARTS)
    .flat()
    .filter((name) => !reached.has(name));
  if (stale.length > 0) throw new Error(`no import leads from main.js to ${stale.join(', ')}: correct PARTS`);
  return result;
}

/** As modules are named, on Windows too. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function partOf(module: string): string | undefined {
  return Object.keys(PARTS).find((name) => PARTS[name]?.includes(module));
}

function withStaticHelper(path: string): string {
  const { path: module, name } = FAST_MODULE;
  const source = readFileSync(path, 'utf8');
  const dynamic = `void import('${module}').then((role) => role.${name}(isForClaudeCode))`;
  if (!source.includes(dynamic)) throw new Error(`${path} has no "${dynamic}"`);
  return `import { ${name} } from '${module}';\n${source.replace(dynamic, `${name}(isForClaudeCode)`)}`;
}

function bundlePart(name: string, modules: readonly string[], sourceFolder: string, version: string): Promise<Result> {
  const table = modules.map((module) => `'${module}': () => require('./${module}')`).join(', ');
  const contents = `exports.modules = {${table}};`;
  return build({ ...buildOptions(version), stdin: { contents, resolveDir: sourceFolder, sourcefile: name } });
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
    target: 'node22',
    minify: true,
    banner: { js: '"use strict";' },
    legalComments: 'none',
    charset: 'ascii',
    sourcemap: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
    external: EXTERNAL,
    // Its CommonJS form has an UMD wrapper, whose `require` esbuild does not see through.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // A packaged program's own `import()` cannot load anything; `require` can load Node's modules.
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
  // What is not ASCII in a tagged template or a regular expression stays as it is, and src/platform/packaged-module.ts
  // would take each of its bytes for a character.
  const [line] = file.text.split('\n').flatMap((text) => /.{0,30}\P{ASCII}.{0,30}/u.exec(text) ?? []);
  if (line !== undefined) throw new Error(`${name} is not ASCII, write it with an escape: ${line}`);
  const path = join(folder, name);
  writeFileSync(path, file.contents);
  writeFileSync(join(folder, name.replace(/js$/, 'meta.json')), JSON.stringify(metafile));
  return { path, bytes: file.contents.length, metafile };
}
