// The license texts that go along with the binary.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectFolder } from '../build/bundle.ts';
import type { Ingredient } from './contents.ts';

const RULE = '='.repeat(80);

export const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';
/** What's next to the program in the release's folders and goes with it into the installers. */
export const DOCUMENTS = ['LICENSE', LICENCES_FILE] as const;

/**
 * @param node path of a Node for this computer in the version of the target's, as npm installed it
 * @throws Error for a package whose license text is nowhere to be found
 */
export function licencesText(contents: readonly Ingredient[], node: string): string {
  const introduction = [
    'Foundry Credential Helper contains the following software of others, under the following licenses.',
    ...contents.map((one) => `  ${title(one)} (${one.licence})`),
  ];
  return [introduction.join('\n'), ...contents.map((one) => `${RULE}\n${title(one)}\n${RULE}\n\n${textsOf(one, node)}`)]
    .join('\n\n')
    .replaceAll('\r\n', '\n')
    .concat('\n');
}

function title({ kind, name, version }: Ingredient): string {
  return kind === 'runtime' ? `Node.js ${version}` : `${name} ${version}`;
}

function textsOf(ingredient: Ingredient, node: string): string {
  const texts = licenceFolders(ingredient, node).flatMap((folder) =>
    licenceFiles(folder).map((file) => readFileSync(join(folder, file), 'utf8').trim()),
  );
  if (texts.length > 0) return texts.join('\n\n');
  if (ingredient.licenceRemark !== undefined) return ingredient.licenceRemark;
  if (ingredient.licence === 'MIT') return mitLicence(ingredient);
  throw new Error(`${ingredient.folder} has no license text`);
}

/** Most packages have their texts themselves. */
function licenceFolders({ kind, name, folder }: Ingredient, node: string): string[] {
  // The npm packages of some systems hold the executable alone; the texts are the same for all.
  if (kind === 'runtime') return [join(dirname(node), '..')];
  const ofAllSystems = name.startsWith('@napi-rs/keyring-')
    ? [join(projectFolder, 'node_modules/@napi-rs/keyring')]
    : [];
  return [...ofAllSystems, folder];
}

function licenceFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .toSorted();
}

/** The MIT license's words with the holder whom the package names: some packages declare it and leave the text out. */
function mitLicence({ folder, name }: Ingredient): string {
  const { author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly author?: string | { readonly name: string };
    readonly repository?: string | { readonly url: string };
  };
  const place = typeof repository === 'object' ? repository.url : repository;
  const holder = (typeof author === 'object' ? author.name : author) ?? `the authors of ${name}, ${place ?? 'npm'}`;
  const own = readFileSync(join(projectFolder, 'LICENSE'), 'utf8').trim();
  return own.replace(/^Copyright .*$/m, () => `Copyright (c) ${holder}`);
}
