// Bundles src/ into the two files of the binary. `main.js` holds main.ts and the helper's fast path; every other role
// comes from `app.js`, which is not even parsed while a helper runs (that costs 20 ms). In src/ nothing shows of it: the
// files of `APP_MODULES` are reached by `await import()`, and a plugin turns those imports into lookups in `app.js`.
// Modules that both need stand in both, so only plain values may pass between them: `instanceof` does not see across.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, type BuildResult, build, type Metafile, type Plugin } from 'esbuild';

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

const ENTRY = 'main.ts';

/**
 * Reached from `ENTRY` by a dynamic import in the source, by a static one in `main.js`: esbuild wraps every module
 * behind a dynamic import in functions of its own, and running those for the first time costs the helper 0.4 ms.
 */
const FAST_MODULE = { path: './helper/run-helper.ts', name: 'runHelper' } as const;

/** Where `main.js` hands over to `app.js`: paths below `src` of modules that others import dynamically. */
export const APP_MODULES = ['agent/run-agent.ts', 'cli/run-cli.ts', 'helper/recover.ts'];

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

/** Writes `main.js`, `app.js` and their metafiles. The same sources give the same bytes. */
export async function bundle(options: BundleOptions = {}): Promise<{ main: BundleFile; app: BundleFile }> {
  const sourceFolder = resolve(options.sourceFolder ?? join(projectFolder, 'src'));
  const outputFolder = resolve(options.outputFolder ?? join(projectFolder, 'build'));
  mkdirSync(outputFolder, { recursive: true });

  const version = options.version ?? productVersion();
  const main = await bundleMain(sourceFolder, version);
  const app = await bundleApp(sourceFolder, version);
  return { main: write(outputFolder, 'main', main), app: write(outputFolder, 'app', app) };
}

type Result = BuildResult<{ metafile: true; write: false }>;

async function bundleMain(sourceFolder: string, version: string): Promise<Result> {
  const reached = new Set<string>();
  const plugin: Plugin = {
    name: 'modules-of-app',
    setup({ onResolve, onLoad }) {
      onLoad({ filter: /[\\/]main\.ts$/, namespace: 'file' }, ({ path }) =>
        path === join(sourceFolder, ENTRY) ? { contents: withStaticHelper(path), loader: 'ts' } : undefined,
      );
      onResolve({ filter: /^\.{1,2}\//, namespace: 'file' }, ({ kind, path, resolveDir }) => {
        const name = relative(sourceFolder, resolve(resolveDir, path));
        if (!APP_MODULES.includes(name)) return undefined;
        if (kind !== 'dynamic-import') return { errors: [{ text: `${name} must be imported by "await import()"` }] };
        reached.add(name);
        return { path: name, namespace: 'app-module' };
      });
      onLoad({ filter: /.*/, namespace: 'app-module' }, ({ path }) => ({
        contents: `module.exports = require('./${LOADER}').loadAppModule('${path}');`,
        resolveDir: sourceFolder,
      }));
    },
  };
  const result = await build({ ...buildOptions(version), entryPoints: [join(sourceFolder, ENTRY)], plugins: [plugin] });
  const stale = APP_MODULES.filter((name) => !reached.has(name));
  if (stale.length > 0) throw new Error(`no import leads from main.js to ${stale.join(', ')}: correct APP_MODULES`);
  return result;
}

function withStaticHelper(path: string): string {
  const { path: module, name } = FAST_MODULE;
  const source = readFileSync(path, 'utf8');
  const dynamic = `const { ${name} } = await import('${module}');`;
  if (!source.includes(dynamic)) throw new Error(`${path} has no "${dynamic}"`);
  return `import { ${name} } from '${module}';\n${source.replace(dynamic, '')}`;
}

function bundleApp(sourceFolder: string, version: string): Promise<Result> {
  const table = APP_MODULES.map((name) => `'${name}': () => require('./${name}')`).join(', ');
  const contents = `exports.modules = {${table}};`;
  return build({ ...buildOptions(version), stdin: { contents, resolveDir: sourceFolder, sourcefile: 'app.js' } });
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
  if (file === undefined) throw new Error(`esbuild wrote no ${name}.js`);
  // What is not ASCII in a tagged template or a regular expression stays as it is, and src/platform/packaged-module.ts
  // would take each of its bytes for a character.
  const [line] = file.text.split('\n').flatMap((text) => /.{0,30}\P{ASCII}.{0,30}/u.exec(text) ?? []);
  if (line !== undefined) throw new Error(`${name}.js is not ASCII, write it with an escape: ${line}`);
  const path = join(folder, `${name}.js`);
  writeFileSync(path, file.contents);
  writeFileSync(join(folder, `${name}.meta.json`), JSON.stringify(metafile));
  return { path, bytes: file.contents.length, metafile };
}
