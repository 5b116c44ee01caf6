// The packages for macOS, from the binaries that installers/build/target-binaries.ts has made.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { productVersion, projectFolder } from '../build/bundle.ts';
import { targetAddons, targetDocuments, targetFolder } from '../build/target-binaries.ts';
import type { Target } from '../build/targets.ts';
import { signatureProblems } from './check.ts';
import { parseMachO } from './mach-o.ts';
import { COMPONENT, flatPackages } from './pkg/flat-package.ts';
import { installerScripts, payload } from './pkg/payload.ts';

/** Of the receipt. */
export const RECEIPT = 'dev.foundry-credential-helper.pkg';

/**
 * Writes dist/foundry-credential-helper-VERSION-ARCH.pkg and, next to the binary, the component alone.
 * @returns paths of both; of nothing where the target isn't macOS
 * @throws Error if the signature of the binary or an addon, ad hoc or not, doesn't fit it
 */
export function writeMacPackages(target: Target): string[] {
  if (target.platform !== 'darwin') return [];
  const path = join(targetFolder(target), target.executable);
  const program = readSigned(path);
  const addons = Object.fromEntries(
    Object.entries(targetAddons(target)).map(([name, addon]) => [name, readSigned(addon)]),
  );
  const version = productVersion();
  const { component, product } = flatPackages({
    ...flatPackageOptions(program, targetDocuments(target), addons),
    version,
  });
  const files = {
    [join(projectFolder, 'dist', `foundry-credential-helper-${version}-${target.arch}.pkg`)]: product,
    [join(targetFolder(target), COMPONENT)]: component,
  };
  for (const [file, bytes] of Object.entries(files)) writeFileSync(file, bytes);
  return Object.keys(files);
}

function readSigned(path: string): Buffer {
  const bytes = readFileSync(path);
  const problems = signatureProblems(bytes);
  if (problems.length > 0) throw new Error(`the signature of ${path} isn't valid: ${problems.join('; ')}`);
  return bytes;
}

/** What the package of this program says, but for its version. @throws Error where the program isn't for macOS */
export function flatPackageOptions(
  program: Buffer,
  documents: Readonly<Record<string, Buffer>>,
  addons: Readonly<Record<string, Buffer>> = {},
): Omit<Parameters<typeof flatPackages>[0], 'version'> {
  const { processor, minimumSystem } = parseMachO(program);
  if (minimumSystem === undefined) throw new Error("the program doesn't say which macOS it needs");
  return {
    identifier: RECEIPT,
    title: 'Foundry Credential Helper',
    architecture: processor === 'x64' ? 'x86_64' : 'arm64',
    minimumSystem,
    payload: payload(program, documents, addons),
    scripts: installerScripts(),
  };
}
