// What the release files were made of, for whoever makes them again: an in-toto statement with a SLSA provenance.
import type { Ingredient } from './contents.ts';

export interface ProvenanceOptions {
  /** Of the release's source. */
  readonly commit: string;
  readonly version: string;
  /** SHA-256 in hex by file. */
  readonly files: ReadonlyMap<string, string>;
  /** Of all targets. */
  readonly contents: readonly Ingredient[];
  /** SHA-256 in hex. */
  readonly lockFileHash: string;
}

/**
 * Unsigned: whoever publishes the release signs it (docs/packaging.md).
 * Format: https://in-toto.io/Statement/v1 with https://slsa.dev/provenance/v1.
 */
export function provenance({ commit, version, files, contents, lockFileHash }: ProvenanceOptions): string {
  const packages = new Map(
    contents.map(({ name, version: of, integrity }) => [
      `pkg:npm/${name.replace('@', '%40')}@${of}`,
      Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'),
    ]),
  );
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...files].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://docs.npmjs.com/cli/commands/npm-run-script',
        externalParameters: { script: 'package', version },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: commit } },
          { name: 'package-lock.json', digest: { sha256: lockFileHash } },
          ...[...packages]
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([uri, sha512]) => ({ uri, digest: { sha512 } })),
        ],
      },
      runDetails: { builder: { id: 'npm run package' } },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}
