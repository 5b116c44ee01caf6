// The binary's code is two files: `main.js` (the helper's fast path) and the asset `app.js` (everything else).
// scripts/bundle.ts turns the imports that lead from the first into the second into calls of `loadAppModule`.
import { readAsset } from './packaged.ts';

/** The CommonJS function of the file that this is bundled into; in a packaged program it knows Node's modules only. */
declare const require: NodeJS.Require;

type Modules = Readonly<Record<string, () => unknown>>;

let appModules: Modules | undefined;

/** Evaluates `app.js` on first use and returns its module `name` (path below `src`). */
export function loadAppModule(name: string): unknown {
  appModules ??= evaluateApp();
  const load = appModules[name];
  if (load === undefined) throw new Error(`app.js has no module ${name}`);
  return load();
}

function evaluateApp(): Modules {
  const source = readAsset('app.js');
  if (source === undefined) throw new Error('app.js is missing from this program');
  const { Script } = process.getBuiltinModule('node:vm');
  // The bundler writes ASCII only, so `latin1` is right, and V8 keeps it at one byte a character.
  const script = new Script(`(function (require, exports) {${source.toString('latin1')}\n})`, {
    filename: 'app.js',
  });
  const exported: { modules?: Modules } = {};
  script.runInThisContext()(require, exported);
  if (exported.modules === undefined) throw new Error('app.js exports no modules');
  return exported.modules;
}
