// Claude Desktop waits for the helper at every start and in every turn: what it loads before it has asked the agent is
// a budget. The walk goes over esbuild's account of the bundle, which is what is shipped.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
  { pattern: /node_modules\/(native-reg|plist|@xmldom)/, reason: 'the agent reads the policy' },
  { pattern: /src\/(storage|config|entra|agent|prompt|cli)\//, reason: 'not the helper’s business' },
];

/** Parsing costs about 5 ms a 100 kB; what also runs costs more, since V8 compiles each function when it is first called. */
const MAX_MAIN_BYTES = 12_000;

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
    expect([...helperModules]).toEqual(
      expect.arrayContaining(['src/ipc/exchange.ts', 'src/platform/paths.ts', 'node:fs']),
    );
  });

  it('is all that main.ts imports without need', () => {
    const imports = main.metafile.inputs['src/main.ts']?.imports ?? [];
    const eager = imports.filter(({ kind }) => kind !== 'dynamic-import').map(({ path }) => path);
    expect(eager.toSorted()).toEqual(['node:fs', 'src/helper/run-helper.ts']);
  });

  it('contains nothing that is slow to load or not its business', () => {
    const found = [...helperModules].flatMap((path) =>
      BANNED.filter(({ pattern }) => pattern.test(path)).map(({ reason }) => `${path}: ${reason}`),
    );
    expect(found).toEqual([]);
  });

  it('makes up main.js, which holds no package of others and no error texts', () => {
    const found = Object.keys(main.metafile.inputs);
    expect(found.filter((path) => path.includes('node_modules') || path === 'src/core/errors.ts')).toEqual([]);
  });

  it('stays small', () => {
    expect(main.bytes).toBeLessThan(MAX_MAIN_BYTES);
  });
});

describe('the two files of the program', () => {
  it('are ASCII: the binary takes each of their bytes for a character', () => {
    for (const { path } of [main, app])
      expect(
        readFileSync(path).every((byte) => byte < 0x80),
        path,
      ).toBe(true);
  });

  it('share no class but those that stay inside: `instanceof` would fail across them', () => {
    const inApp = new Set(Object.keys(app.metafile.inputs));
    expect(inApp.size).toBeGreaterThan(20);
    const twice = Object.keys(main.metafile.inputs).filter((path) => path.startsWith('src/') && inApp.has(path));
    const classes = twice.flatMap((path) => readFileSync(path, 'utf8').match(/(?<=^(?:export )?class )\w+/gm) ?? []);
    expect(classes.toSorted()).toEqual([
      'ClientHandshake',
      'Conversation',
      'FrameError',
      'FrameReader',
      'ServerHandshake',
    ]);
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
