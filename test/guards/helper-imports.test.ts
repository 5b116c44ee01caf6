// Claude Desktop waits for the helper at every start and in every turn: what it loads before it has asked the agent is
// a budget. The walk goes over esbuild's account of the bundle, which is what is shipped.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundleFile, bundle } from '../../scripts/bundle.ts';

const BANNED: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^node:net$/, reason: 'costs 6 ms; the pipe connection does without' },
  { pattern: /^node:stream/, reason: 'comes with net, costs as much' },
  { pattern: /^node:tty$/, reason: 'brings streams; only for a person at a terminal' },
  { pattern: /^node:child_process$/, reason: 'only to start the agent' },
  { pattern: /^node:crypto$/, reason: 'initialises OpenSSL; only for the handshake on Windows' },
  { pattern: /^node:(https?|http2|tls|dns|zlib)$/, reason: 'the agent talks to the network, not the helper' },
  { pattern: /^node:(fs\/promises|timers\/promises|worker_threads|vm|sea)$/, reason: 'not needed to ask the agent' },
  { pattern: /@azure\/msal/, reason: 'the agent signs in, not the helper' },
  { pattern: /node_modules\/(pino|rotating-file-stream)/, reason: 'the helper writes no log' },
  { pattern: /node_modules\/commander/, reason: 'the helper has no arguments' },
  { pattern: /node_modules\/valibot/, reason: 'the agent checks the configuration' },
  { pattern: /@napi-rs|@primno/, reason: 'the agent alone opens the keystore' },
  { pattern: /src\/(storage|config|entra|agent|prompt|cli)\//, reason: 'not the helper’s business' },
];

/** The only packages of others that the helper may contain. */
const ALLOWED_PACKAGES = ['env-paths', 'is-safe-filename'];

/** Parsing costs about 5 ms a 100 kB. */
const MAX_MAIN_BYTES = 32_000;

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
let main: BundleFile;
let app: BundleFile;
let helperModules: ReadonlySet<string>;

beforeAll(async () => {
  ({ main, app } = await bundle({ outputFolder: folder }));
  helperModules = reachableFrom(main.metafile, 'src/helper/run-helper.ts');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what the helper loads', () => {
  it('is seen by the walk', () => {
    expect([...helperModules]).toEqual(expect.arrayContaining(['src/core/errors.ts', 'src/ipc/client.ts', 'node:fs']));
  });

  it('is reached from main.ts by one dynamic import', () => {
    const imports = main.metafile.inputs['src/main.ts']?.imports ?? [];
    expect(imports).toContainEqual(
      expect.objectContaining({ path: 'src/helper/run-helper.ts', kind: 'dynamic-import' }),
    );
    const others = imports.filter(({ kind, path }) => kind !== 'dynamic-import' && path !== 'node:fs');
    expect(others).toEqual([]);
  });

  it('contains nothing that is slow to load or not its business', () => {
    const found = [...helperModules].flatMap((path) =>
      BANNED.filter(({ pattern }) => pattern.test(path)).map(({ reason }) => `${path}: ${reason}`),
    );
    expect(found).toEqual([]);
  });

  it('contains no package that nobody decided on', () => {
    const packages = Object.keys(main.metafile.inputs).flatMap((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? []);
    expect(new Set(packages)).toEqual(new Set(ALLOWED_PACKAGES));
  });

  it('stays small', () => {
    expect(main.bytes).toBeLessThan(MAX_MAIN_BYTES);
  });
});

describe('the two files of the program', () => {
  it('have no module of ours twice, or `instanceof` would fail across them', () => {
    const own = (file: BundleFile): string[] =>
      Object.keys(file.metafile.inputs).filter((path) => path.startsWith('src/'));
    const inMain = new Set(own(main));
    expect(own(app).length).toBeGreaterThan(20);
    expect(own(app).filter((path) => inMain.has(path))).toEqual([]);
  });
});

/** What is evaluated with `entry`: static imports, not those that run later if at all. */
function reachableFrom(metafile: Metafile, entry: string): Set<string> {
  const reached = new Set<string>();
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const edge of metafile.inputs[path]?.imports ?? []) {
      if (edge.kind !== 'dynamic-import') queue.push(edge.path);
    }
  }
  return reached;
}
