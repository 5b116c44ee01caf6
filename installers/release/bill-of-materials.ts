// The software bill of materials of one target, in CycloneDX.
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { ComponentType, ExternalReferenceType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import { Bom, Component, ExternalReference, LicenseExpression, Property } from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { uuidV5 } from '../../src/formats/uuid.ts';
import type { Target } from '../build/targets.ts';
import { type Ingredient, runtimeParts } from './contents.ts';

export interface BillOfMaterials {
  readonly target: Target;
  /** Of this program. */
  readonly version: string;
  readonly contents: readonly Ingredient[];
  /** Paths of this program's own files, as they are built: a signature that comes later changes them. */
  readonly programs: readonly string[];
  /** Path of a Node for this computer in the version of the target's: it says what it's made of. */
  readonly node: string;
  /** The same commit gives the same bytes. */
  readonly date: Date;
}

/** CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/). */
export function billOfMaterials({ target, version, contents, programs, node, date }: BillOfMaterials): string {
  const product = new Component(ComponentType.Application, 'foundry-credential-helper', {
    bomRef: 'foundry-credential-helper',
    version,
    purl: `pkg:generic/foundry-credential-helper@${version}?os=${target.platform}&arch=${target.arch}`,
  });
  product.licenses.add(new LicenseExpression('MIT'));
  for (const path of programs) product.components.add(fileComponent(`file:${basename(path)}`, path));
  const bom = new Bom();
  bom.metadata.component = product;
  bom.metadata.timestamp = date;
  for (const ingredient of contents) {
    const component = componentOf(ingredient, node);
    bom.components.add(component);
    product.dependencies.add(component.bomRef);
  }
  const parts = contents.map(({ name, integrity }) => `${name} ${integrity}`).join();
  bom.serialNumber = `urn:uuid:${uuidV5(`${target.name} ${version} ${date.toISOString()} ${parts}`).toLowerCase()}`;
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function componentOf(ingredient: Ingredient, node: string): Component {
  const { kind, name, version, licence, licenceRemark, integrity, folder, files } = ingredient;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = new Component(kind === 'runtime' ? ComponentType.Platform : ComponentType.Library, name, {
    bomRef: purl,
    version,
    purl,
  });
  component.licenses.add(new LicenseExpression(licence));
  if (licenceRemark !== undefined) {
    component.properties.add(new Property('foundry-credential-helper:license-remark', licenceRemark));
  }
  const archiveHash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  // Of the archive that npm compared when it installed the package.
  component.hashes.set(HashAlgorithm['SHA-512'], archiveHash);
  // What goes in as it is can be compared on its own; esbuild takes everything else apart.
  for (const file of files) {
    component.components.add(fileComponent(`${purl}#${toPosix(relative(folder, file))}`, file));
  }
  const archive = new ExternalReference(`https://registry.npmjs.org/${name}`, ExternalReferenceType.Distribution);
  archive.hashes.set(HashAlgorithm['SHA-512'], archiveHash);
  component.externalReferences.add(archive);
  if (kind === 'runtime') {
    // Scanners know Node by this name, not by the package that brings it.
    component.cpe = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
    for (const [part, partVersion] of runtimeParts(node)) {
      const inside = { bomRef: `node-part:${part}`, version: partVersion };
      component.components.add(new Component(ComponentType.Library, part, inside));
    }
  }
  for (const crate of crates(ingredient)) component.components.add(crate);
  return component;
}

function fileComponent(bomRef: string, path: string): Component {
  const component = new Component(ComponentType.File, basename(path), { bomRef });
  component.hashes.set(HashAlgorithm['SHA-256'], hash('sha256', readFileSync(path)));
  return component;
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}

/** The Rust packages in a keyring addon, from the table in its `LICENSE.third-party.md`. */
function crates({ folder }: Ingredient): Component[] {
  const file = join(folder, 'LICENSE.third-party.md');
  if (!existsSync(file)) return [];
  const [, table = ''] = /^## Crates\n([\s\S]*?)^## /m.exec(readFileSync(file, 'utf8').replaceAll('\r\n', '\n')) ?? [];
  const rows = [...table.matchAll(/^\| (?<name>[\w-]+) \| (?<version>\d[^ |]*) \| (?<licence>[^|]+) \|$/gm)];
  if (rows.length === 0) throw new Error(`${file} has no table of crates`);
  return rows.map(({ groups: { name = '', version = '', licence = '' } = {} }) => {
    const purl = `pkg:cargo/${name}@${version}`;
    const crate = new Component(ComponentType.Library, name, { bomRef: purl, version, purl });
    crate.licenses.add(new LicenseExpression(licence.trim()));
    return crate;
  });
}
