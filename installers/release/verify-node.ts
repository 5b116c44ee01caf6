// `npm run verify:node`: whether installers/build/runtimes.json has the hashes of what nodejs.org publishes. The build
// refuses any other Node, so this is about the Node inside every target too. Needs the internet and gpg.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-dependencies.ts';
import { blobMakers, type Published, type Runtime, runtimes } from '../build/runtimes.ts';
import { nodeSigners } from './node-signers.ts';

export interface NodeSource {
  /** Of Node's releases: `https://nodejs.org/dist`. */
  readonly address: string;
  /** Arguments with which gpg gets the keys of `signers`. */
  readonly keys: readonly string[];
  /** Full fingerprints. */
  readonly signers: readonly string[];
}

/** What installers/build/runtimes.json says of an executable. */
export type NodeFile = Pick<Runtime, 'version' | 'sha256' | 'published'>;

const nodejs: NodeSource = {
  address: 'https://nodejs.org/dist',
  keys: ['--keyserver', 'hkps://keys.openpgp.org', '--recv-keys', ...nodeSigners],
  signers: nodeSigners,
};

/**
 * Compares the file's hashes with the signed list; `folder` is for temporary files. Windows' executable has a checksum
 * in the list, the others are in an archive that has.
 * @throws Error if they differ, or if the list has no valid signature of a releaser
 */
export async function verifyNode(file: NodeFile, source: NodeSource, folder: string): Promise<void> {
  const { published, version, sha256: pinned } = file;
  const release = `${source.address}/v${version}`;
  const listed = verifiedSums(await download(`${release}/SHASUMS256.txt.asc`), source, folder).get(published.file);
  if (listed === undefined) throw new Error(`${release} has no ${published.file}`);
  const { sha256: noted = listed } = published;
  if (listed !== noted) {
    throw new Error(`${release}/${published.file} is ${listed}, in installers/build/runtimes.json ${noted}`);
  }
  const found = published.file.endsWith('.tar.gz') ? await inArchive(published, listed, release) : listed;
  if (found !== pinned) {
    throw new Error(`the executable of ${release}/${published.file} is ${found}, in runtimes.json ${pinned}`);
  }
}

/** SHA-256 of `bin/node` in the release's archive. */
async function inArchive({ file }: Published, listed: string, release: string): Promise<string> {
  const archive = await download(`${release}/${file}`);
  if (sha256(archive) !== listed) throw new Error(`${release}/${file} is damaged`);
  const member = `${basename(file, '.tar.gz')}/bin/node`;
  const options = { input: archive, maxBuffer: 1e9 };
  return sha256(execFileSync('tar', ['-xzOf', '-', member], options));
}

type Sums = ReadonlyMap<string, string>;

/** The list's checksums by file, from what gpg says was signed. */
function verifiedSums(list: Buffer, { keys, signers }: NodeSource, folder: string): Sums {
  const home = mkdtempSync(join(folder, 'gpg-'));
  const gpg = (...args: string[]) =>
    spawnSync('gpg', ['--homedir', home, '--batch', '--status-fd', '2', ...args], { encoding: 'utf8', input: '' });
  gpg(...keys);
  const [signed, text] = [join(home, 'list.asc'), join(home, 'list')];
  writeFileSync(signed, list);
  const { status, stderr } = gpg('--output', text, '--decrypt', signed);
  // VALIDSIG has the fingerprint of the primary key last; the signature may be by a subkey.
  const signer = /^\[GNUPG:\] VALIDSIG .* ([\dA-F]{40})$/m.exec(stderr)?.[1];
  if (status !== 0 || signer === undefined) throw new Error(`the list of checksums has no valid signature:\n${stderr}`);
  if (!signers.includes(signer))
    throw new Error(`${signer}, who signed the list of checksums, isn't in node-signers.ts`);
  const lines = readFileSync(text, 'utf8').matchAll(/^([\da-f]{64}) {2}(\S+)$/gm);
  return new Map([...lines].map(([, hash = '', name = '']) => [name, hash]));
}

async function download(address: string): Promise<Buffer> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function main(): Promise<void> {
  ensureDebianPackages(['verify-node']);
  const folder = mkdtempSync(join(tmpdir(), 'verify-node-'));
  try {
    for (const runtime of [...Object.values(runtimes), ...Object.values(blobMakers)]) {
      await verifyNode(runtime, nodejs, folder);
      console.log(`${runtime.package}: Node ${runtime.version} is nodejs.org's, SHA-256 ${runtime.sha256}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) await main();
