// Claude Desktop waits for the helper at every start and in every turn: what it loads before it has asked the agent is
// a budget. The walk goes over esbuild's account of the bundle, which is what is shipped.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundle, metafilesOf, projectFolder } from '../../installers/build/bundle.ts';

const BANNED: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^node:net$/, reason: 'costs 6 ms; the pipe binding does without' },
  { pattern: /^node:tty$/, reason: 'brings net and streams; only for a person at a terminal' },
  { pattern: /^node:child_process$/, reason: 'brings net; only to start the agent' },
  { pattern: /^node:stream/, reason: 'costs 3 ms; the agent and the commands alone have streams' },
  { pattern: /^node:(crypto|tls|https?)$/, reason: 'initialise OpenSSL; the agent talks to the network' },
  { pattern: /^node:(fs\/promises|timers\/promises|util)$/, reason: 'promises and texts that one question needs not' },
  { pattern: /^node:(worker_threads|sqlite|inspector\/promises|v8)$/, reason: "the agent's own housekeeping" },
  { pattern: /node_modules\/@azure\/msal/, reason: 'the agent signs in, not the helper; 20 ms' },
  { pattern: /node_modules\/pino/, reason: 'the helper writes no log' },
  { pattern: /node_modules\/commander/, reason: 'the helper has no arguments' },
  { pattern: /node_modules\/valibot/, reason: 'the agent checks the configuration' },
  { pattern: /node_modules\/(plist|@xmldom)/, reason: 'the agent reads the policy' },
  { pattern: /^(@napi-rs\/keyring|@primno\/dpapi|native-reg)$/, reason: 'addons take 10 ms to load' },
  { pattern: /^src\/core\/errors\.ts$/, reason: '20 kB of texts; recover.ts has them' },
  {
    pattern: /^src\/ipc\/(client|locate-agent|request-schema|server|windows-handshake)\.ts$/,
    reason: 'for more than one plain answer',
  },
  {
    pattern:
      /^src\/(storage|config|entra|agent|agent-process|sign-in-page|notify|managed-identity|autostart|rollout|doctor|cli|log)\//,
    reason: 'not the helper’s business',
  },
];

/** Loaded by name where they are needed, which no helper that prints a token comes to. */
const ON_DEMAND: Readonly<Record<string, string>> = {
  'node:os': 'the home folder where no variable names it',
  'node:sea': 'to load a part',
  'node:vm': 'to load a part',
};

/**
 * All that V8 reads at each start. It compiles a function when that is first called, so that few count more than short.
 */
const MAX_MAIN_BYTES = 8_900;

const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
let built: Bundle;

beforeAll(async () => {
  built = await bundle({ outputFolder: join(folder, 'build') });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what the helper loads', () => {
  it('is seen by the walk', () => {
    expect([...reachableFrom(built.main.metafile)]).toEqual(
      expect.arrayContaining([
        'src/helper/run-helper.ts',
        'src/ipc/pipe-binding.ts',
        'src/platform/paths.ts',
        'node:fs',
      ]),
    );
  });

  it('contains nothing that is slow to load or not its business', () => {
    expect(bannedIn(built)).toEqual([]);
  });

  it.each([
    ['src/helper/run-helper.ts', "import { connect } from 'node:net';\nglobalThis.console?.log(connect);", 'node:net'],
    [
      'src/platform/paths.ts',
      "import { AppError } from '../core/errors.ts';\nglobalThis.console?.log(AppError);",
      'errors',
    ],
  ])('finds a forbidden import (%s)', async (file, lines, found) => {
    expect(bannedIn(await bundleWith(file, lines))).toEqual([expect.stringContaining(found)]);
  });

  it("can't reach a part by anything but import()", async () => {
    await expect(bundleWith('src/helper/run-helper.ts', "export { recover } from './unusual-run.ts';")).rejects.toThrow(
      'src/helper/unusual-run.ts must be imported by "import()"',
    );
  });

  it('leads to every part', async () => {
    const elsewhere = bundleWith('src/main.ts', '', ['./agent-process/run.ts', './core/version.ts']);
    await expect(elsewhere).rejects.toThrow(/nothing in main\.js imports .*src\/agent-process\/run\.ts/);
  });

  it('is kept from things that the program really has, so that no rule outlives what it is about', () => {
    const all = new Set(metafilesOf(built).flatMap((metafile) => [...reachableFrom(metafile)]));
    const stale = BANNED.filter(({ pattern }) => ![...all].some((path) => pattern.test(path)));
    expect(stale).toEqual([]);
  });

  it('loads by name what it needs only now and then', () => {
    const text = readFileSync(built.main.path, 'utf8');
    const names = [...text.matchAll(/getBuiltinModule\("([^"]+)"\)/g)].map(([, name]) => name);
    expect([...new Set(names)].toSorted()).toEqual(Object.keys(ON_DEMAND).toSorted());
  });

  it('stays small', () => {
    expect(built.main.bytes).toBeLessThan(MAX_MAIN_BYTES);
  });
});

describe('the files of the program', () => {
  it('are ASCII: the binary takes each of their bytes for a character', () => {
    for (const { path } of [built.main, ...Object.values(built.parts)]) {
      const bytes = readFileSync(path);
      expect(bytes.length, path).toBeGreaterThan(1_000);
      expect(
        bytes.every((byte) => byte < 0x80),
        path,
      ).toBe(true);
    }
  });

  it('have no import(), which in a packaged program runs files from the working folder', () => {
    for (const { path } of [built.main, ...Object.values(built.parts)]) {
      expect(readFileSync(path, 'utf8'), path).not.toMatch(/\bimport\s*\(/);
    }
  });

  it('share no class: `instanceof` would fail across main.js and a part', () => {
    const text = readFileSync(built.main.path, 'utf8');
    expect(text).toContain('function');
    expect(text).not.toMatch(/\bclass\b/);
  });
});

/** Bundles a copy of the source in which one file begins with these lines, and has one text replaced by another. */
async function bundleWith(file: string, lines: string, [before, after] = ['', '']): Promise<Bundle> {
  // In the project's folder, where esbuild finds the packages.
  mkdirSync(join(projectFolder, 'build'), { recursive: true });
  const root = mkdtempSync(join(projectFolder, 'build/seeded-'));
  try {
    cpSync(join(projectFolder, 'src'), join(root, 'src'), { recursive: true });
    const text = readFileSync(join(root, file), 'utf8');
    writeFileSync(join(root, file), `${lines}\n${text.replace(before, after)}`);
    return await bundle({ sourceFolder: join(root, 'src'), outputFolder: join(root, 'build') });
  } finally {
    rmSync(root, { recursive: true });
  }
}

function bannedIn({ main }: Bundle): string[] {
  return [...reachableFrom(main.metafile)].flatMap((path) =>
    BANNED.filter(({ pattern }) => pattern.test(path)).map(({ reason }) => `${path}: ${reason}`),
  );
}

/** What a bundle holds or loads as it starts: the names of files as if they were in the project. */
function reachableFrom({ inputs, outputs }: Metafile): Set<string> {
  const entry = Object.values(outputs)[0]?.entryPoint;
  const reached = new Set<string>();
  const queue = entry === undefined ? [] : [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const name = path.replace(/^.*?(?=(?:src|node_modules)\/)/, '');
    if (reached.has(name)) continue;
    reached.add(name);
    for (const edge of inputs[path]?.imports ?? []) {
      // A part, which is loaded when its role runs. (An `import()` of anything else counts.)
      const isPart = edge.kind === 'dynamic-import' && edge.external === true && edge.path.endsWith('.ts');
      if (!isPart) queue.push(edge.path);
    }
  }
  return reached;
}
