// The binary's code is in several files: `main.js` with the helper's fast path, and for each other role a part, an
// asset that isn't parsed until the role runs. installers/build/bundle.ts lists the parts with their entry points.
import { isPackaged, readAsset } from './packaged.ts';

/** CommonJS's own `require`. In a packaged program, it loads only Node's modules. */
declare const require: NodeJS.Require;

/**
 * Evaluates a part and returns the exports of its entry point. A process calls this once for each part that it needs.
 * @param part name of the asset
 * @param fromSource imports the entry point; only called when run from source
 * @throws Error if the program has no such asset
 */
export async function loadPart<Role>(part: string, fromSource: () => Promise<Role>): Promise<Role> {
  if (!isPackaged()) return fromSource();
  const code = readAsset(part);
  if (code === undefined) throw new Error(`${part} is missing from this program`);
  const { compileFunction } = process.getBuiltinModule('node:vm');
  // The bundler writes only ASCII, so `latin1` is right, and V8 keeps it at one byte per character.
  const evaluate = compileFunction(code.toString('latin1'), ['require', 'module'], { filename: part });
  const module = { exports: {} };
  evaluate(require, module);
  return module.exports as Role;
}
