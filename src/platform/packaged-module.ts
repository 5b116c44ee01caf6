// The binary's code is several files: `main.js` (the helper's fast path) and assets with everything else.
// scripts/bundle.ts turns the imports that lead from the first into the others into calls of `loadModule`.
import { readAsset } from './packaged.ts';

/** The CommonJS function of the file that this is bundled into; in a packaged program it knows Node's modules only. */
declare const require: NodeJS.Require;

type Modules = Readonly<Record<string, () => unknown>>;

const evaluated: Record<string, Modules> = {};

/** Evaluates the asset `part` on first use and returns its module `name` (path below `src`). */
export function loadModule(part: string, name: string): unknown {
  evaluated[part] ??= evaluate(part);
  const load = evaluated[part]?.[name];
  if (load === undefined) throw new Error(`${part} has no module ${name}`);
  return load();
}

function evaluate(part: string): Modules {
  const source = readAsset(part);
  if (source === undefined) throw new Error(`${part} is missing from this program`);
  const { Script } = process.getBuiltinModule('node:vm');
  // The bundler writes ASCII only, so `latin1` is right, and V8 keeps it at one byte a character.
  const script = new Script(`(function (require, exports) {${source.toString('latin1')}\n})`, { filename: part });
  const exported: { modules?: Modules } = {};
  script.runInThisContext()(require, exported);
  if (exported.modules === undefined) throw new Error(`${part} exports no modules`);
  return exported.modules;
}
