// What the release files were made of, for anyone who makes them again or asks where they come from: an in-toto
// statement with a SLSA provenance. docs/maintainers/build-type.md says what each field means.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../build/bundle.ts';
import type { Runtime, TargetName } from '../build/runtimes.ts';
import type { Ingredient } from './contents.ts';

export const PROVENANCE_FILE = 'provenance.json';
/** The same statement under a signature, if `npm run sign:provenance` ran. */
export const SIGNED_PROVENANCE_FILE = 'provenance.intoto.jsonl';

export interface ProvenanceOptions {
  /** Of the release's source. */
  readonly commit: string;
  /** That were made. */
  readonly targets: readonly TargetName[];
  /** Whether the packages for Windows have the broker. */
  readonly withWindowsBroker: boolean;
  /** The time that the files carry. */
  readonly date: Date;
  /** SHA-256 in hex by file. */
  readonly files: ReadonlyMap<string, string>;
  /** Of all targets. */
  readonly contents: readonly Ingredient[];
  /** The Node executables inside, and those that made the blobs. */
  readonly runtimes: readonly Runtime[];
  /** SHA-256 in hex by path. */
  readonly lockFiles: ReadonlyMap<string, string>;
}

/** https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md */
interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: Readonly<Record<string, string>>;
}

/**
 * https://in-toto.io/Statement/v1 with https://slsa.dev/provenance/v1, unsigned (`signedStatement`). It has no times of
 * the build and no id of a run, so the same commit gives the same bytes.
 */
export function provenance(options: ProvenanceOptions): string {
  const { commit, targets, withWindowsBroker, date, files, contents, runtimes, lockFiles } = options;
  const { homepage, repository } = addresses();
  const buildType = `${homepage}/blob/main/docs/build-type.md`;
  const resolvedDependencies: ResourceDescriptor[] = [
    { name: 'source', uri: repository, digest: { gitCommit: commit } },
    ...[...lockFiles].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    ...byUri(runtimes.map(nodeExecutable)),
    ...byUri(contents.map(npmPackage)),
  ];
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...files].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { script: 'package', targets, withWindowsBroker, sourceDate: date.toISOString() },
        resolvedDependencies,
      },
      runDetails: { builder: { id: `${buildType}#builder` } },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

/** The file inside npm's package, by its package URL with a subpath. */
function nodeExecutable({ package: name, version, file, sha256 }: Runtime): ResourceDescriptor {
  return { name: `Node ${version}`, uri: `${packageUrl(name, version)}#${file}`, digest: { sha256 } };
}

function npmPackage({ name, version, integrity }: Ingredient): ResourceDescriptor {
  const sha512 = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  return { uri: packageUrl(name, version), digest: { sha512 } };
}

function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** One of each, in an order that is the same on every computer. */
function byUri(descriptors: readonly ResourceDescriptor[]): ResourceDescriptor[] {
  const named = new Map(descriptors.map((one) => [one.uri ?? '', one]));
  return [...named].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** As package.json says where this repository is. */
function addresses(): { homepage: string; repository: string } {
  const { homepage, repository } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
    readonly homepage: string;
    readonly repository: { readonly url: string };
  };
  return { homepage, repository: `git+${repository.url.replace(/^git\+/, '')}` };
}
