// With a stand-in for nodejs.org: real archives, signed by a real gpg.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NodeFile, type NodeSource, verifyNode } from '../../../installers/release/verify-node.ts';

const VERSION = '99.1.0';
const RELEASE = `v${VERSION}`;
const LINUX = `node-v${VERSION}-linux-x64`;

let folder: string;
let server: Server;
let source: NodeSource;
const published = (name: string) => join(folder, 'dist', RELEASE, name);
const gpg = (...args: string[]) =>
  execFileSync('gpg', ['--homedir', join(folder, 'releaser'), '--batch', '--quiet', ...args], { stdio: 'pipe' });

beforeAll(async () => {
  // Short: gpg's agent has a socket there.
  folder = mkdtempSync(join(tmpdir(), 'node-'));
  mkdirSync(join(folder, 'releaser'), { mode: 0o700 });
  mkdirSync(published('win-x64'), { recursive: true });
  gpg('--passphrase', '', '--quick-generate-key', 'Releaser <releaser@example.com>', 'ed25519', 'sign');
  const fingerprint = /^fpr:*([\dA-F]{40}):$/m.exec(gpg('--with-colons', '--list-keys').toString())?.[1] ?? '';
  gpg('--armor', '--output', join(folder, 'keys.asc'), '--export', fingerprint);

  mkdirSync(join(folder, LINUX, 'bin'), { recursive: true });
  writeFileSync(join(folder, LINUX, 'bin/node'), 'Node for Linux');
  execFileSync('tar', ['-czf', published(`${LINUX}.tar.gz`), '-C', folder, LINUX]);
  writeFileSync(published('win-x64/node.exe'), 'Node for Windows');
  sign([`${LINUX}.tar.gz`, 'win-x64/node.exe']);

  server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, 'dist', request.url ?? '')));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const keys = ['--import', join(folder, 'keys.asc')];
  source = { address: `http://127.0.0.1:${port}`, keys, signers: [fingerprint] };
});

afterAll(() => {
  server?.close();
  execFileSync('gpgconf', ['--homedir', join(folder, 'releaser'), '--kill', 'all'], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
});

function sign(names: readonly string[]): void {
  writeFileSync(published('SHASUMS256.txt'), names.map((name) => `${hashOf(published(name))}  ${name}\n`).join(''));
  gpg('--yes', '--clearsign', published('SHASUMS256.txt'));
}

const listed = { linux: `${LINUX}.tar.gz`, win32: 'win-x64/node.exe' };

/** What installers/build/runtimes.json would say of this executable, and of the release that is published now. */
function runtime(content: string, platform: keyof typeof listed = 'linux'): NodeFile {
  const file = listed[platform];
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { version: VERSION, sha256, published: { file, sha256: hashOf(published(file)) } };
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

it("accepts Node as it is in the release's archive, and Windows' as it is in the list", async () => {
  await expect(verifyNode(runtime('Node for Linux'), source, folder)).resolves.toBeUndefined();
  await expect(verifyNode(runtime('Node for Windows', 'win32'), source, folder)).resolves.toBeUndefined();
  const { published: at, ...rest } = runtime('Node for Linux');
  await expect(verifyNode({ ...rest, published: { file: at.file } }, source, folder)).resolves.toBeUndefined();
});

it.each(['linux', 'win32'] as const)('refuses another executable for %s', async (platform) => {
  const other = verifyNode(runtime('Node with something else inside', platform), source, folder);
  await expect(other).rejects.toThrow(/^the executable of http:\S+ is [\da-f]{64}, in runtimes\.json [\da-f]{64}$/);
});

it.each(['linux', 'win32'] as const)(
  'refuses a release for %s other than the one in installers/build/runtimes.json',
  async (platform) => {
    const file = runtime(platform === 'linux' ? 'Node for Linux' : 'Node for Windows', platform);
    const elsewhere = { ...file.published, sha256: '0'.repeat(64) };
    await expect(verifyNode({ ...file, published: elsewhere }, source, folder)).rejects.toThrow(
      'in installers/build/runtimes.json 000',
    );
    const missing = { ...file.published, file: 'node-v99.1.0-sunos-x64.tar.gz' };
    await expect(verifyNode({ ...file, published: missing }, source, folder)).rejects.toThrow(
      'has no node-v99.1.0-sunos-x64.tar.gz',
    );
  },
);

it('refuses a list that no one signed, or someone else, or that was changed', async () => {
  const file = runtime('Node for Windows', 'win32');
  await expect(verifyNode(file, { ...source, signers: ['F'.repeat(40)] }, folder)).rejects.toThrow("isn't in");
  await expect(verifyNode(file, { ...source, keys: ['--list-keys'] }, folder)).rejects.toThrow('no valid signature');
  const list = published('SHASUMS256.txt.asc');
  const signed = readFileSync(list, 'utf8');
  writeFileSync(list, signed.replace(/^[\da-f]{64} {2}win/m, `${'0'.repeat(64)}  win`));
  await expect(verifyNode(file, source, folder)).rejects.toThrow('no valid signature');
  writeFileSync(list, readFileSync(published('SHASUMS256.txt')));
  await expect(verifyNode(file, source, folder)).rejects.toThrow('no valid signature');
  writeFileSync(list, signed);
});

it('ignores everything outside the signed text', async () => {
  const list = published('SHASUMS256.txt.asc');
  const signed = readFileSync(list, 'utf8');
  const file = runtime('Node with something else inside', 'win32');
  const hash = createHash('sha256').update('Node with something else inside').digest('hex');
  for (const changed of [`${hash}  win-x64/node.exe\n${signed}`, `${signed}${hash}  win-x64/node.exe\n`]) {
    writeFileSync(list, changed);
    await expect(verifyNode(file, source, folder)).rejects.toThrow();
  }
  writeFileSync(list, signed);
});

it("refuses an archive that isn't the one in the list", async () => {
  const file = runtime('Node for Linux');
  writeFileSync(published(`${LINUX}.tar.gz`), 'damaged');
  await expect(verifyNode(file, source, folder)).rejects.toThrow('is damaged');
});
