// Claude Desktop's log lines, as its runner of helpers writes them, and what counts of them.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDesktopLog } from '../../../src/claude-desktop/desktop-log.ts';
import { eventOf, type TroubleId, troubleIds } from '../../../src/claude-desktop/desktop-log-events.ts';
import { logFolders } from '../../../src/claude-desktop/places.ts';
import { AppError, describeFailure } from '../../../src/core/errors.ts';
import { problemOf } from '../../../src/doctor/checks/desktop-troubles.ts';

const ran = '(elapsed=1008ms stdoutBytes=0) stderr=""';
/** This program's own message, on the one line that Claude Desktop makes of it. */
const ownError = describeFailure(new AppError('ERR_AGENT_UNREACHABLE')).text.trim().replaceAll('\n', ' ⏎ ');

/** The line behind the time and the level, and what it must be taken for. */
const LINES: readonly (readonly [line: string, id: TroubleId, facts?: object])[] = [
  ["[custom-3p] helper must be a local absolute path, ignoring { helperPath: '~/helper' }", 'bad-path'],
  [
    `[custom-3p] Argument 2 of 3 must be non-empty and must not contain a double quote ("), a percent sign (%) or a control character. Remove it, or move that value into the script. Not running the helper. { helperPath: '/opt/x' }`,
    'bad-args',
  ],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn /opt/gone ENOENT', 'not-found', { errno: 'ENOENT' }],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn /opt/x EACCES', 'not-allowed', { errno: 'EACCES' }],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn C:\\x.exe UNKNOWN', 'not-allowed'],
  ['[custom-3p] helper spawn failed (elapsed=4ms): This program is blocked by group policy', 'not-allowed'],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn /opt/x ENOEXEC', 'wrong-format', { errno: 'ENOEXEC' }],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn Unknown system error -86', 'wrong-format'],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn /opt/x EAGAIN', 'no-resources', { errno: 'EAGAIN' }],
  [
    '[custom-3p] helper spawn failed (elapsed=9ms): PowerShell is required to run .ps1 helpers; use a .cmd or .exe helper if PowerShell is restricted on this machine. (spawn powershell.exe ENOENT)',
    'powershell-restricted',
  ],
  [
    '[custom-3p] helper spawn failed (elapsed=62001ms): helper did not settle within 60000ms',
    'timed-out',
    { timeoutMs: 60_000 },
  ],
  ['[custom-3p] helper spawn failed (elapsed=4ms): spawn /opt/x EINVAL', 'spawn-failed', { errno: 'EINVAL' }],
  ['[custom-3p] helper runner failed (TypeError)', 'spawn-failed'],
  [`[custom-3p] helper timed out after 20000ms ${ran}`, 'timed-out', { timeoutMs: 20_000 }],
  [
    '[custom-3p] helper blocked by macOS TCC (elapsed=3ms stdoutBytes=0) stderr="/bin/sh: Operation not permitted"',
    'tcc-denied',
  ],
  [
    `[custom-3p] helper exited code=6 (elapsed=30ms stdoutBytes=0) stderr="${ownError}"`,
    'helper-error',
    { code: 'ERR_AGENT_UNREACHABLE', exitCode: '6' },
  ],
  [`[custom-3p] helper exited code=127 ${ran}`, 'non-zero-exit', { exitCode: '127' }],
  [`[custom-3p] helper exited code=-1073741515 ${ran}`, 'non-zero-exit', { exitCode: '-1073741515' }],
  [`[custom-3p] helper exited code=null ${ran}`, 'non-zero-exit', { exitCode: 'null' }],
  [`[custom-3p] helper produced no output ${ran}`, 'empty'],
  ["[custom-3p] credential helper stdout looks like JSON but didn't parse", 'not-json'],
  ["[custom-3p] credential helper output starts with '{' but is not valid JSON", 'not-json'],
  [
    '[custom-3p] credential helper stdout has multiple lines; emit only the token or JSON to stdout (redirect other output to stderr)',
    'multiple-lines',
  ],
  ['[custom-3p] credential helper token contains control characters', 'control-characters'],
  ["[custom-3p] credential helper JSON missing 'token' string field", 'token-missing'],
  ["[custom-3p] credential helper JSON 'headers' must be an object", 'headers-invalid'],
  ['[custom-3p] credential helper header contains control characters; dropped', 'headers-invalid'],
  ['[custom-3p] credential helper failed (reason=tcc-denied)', 'tcc-denied'],
  ['[custom-3p] credential helper failed (reason=parse)', 'unusable-output'],
  ['Credential helper failed to start (spawn /opt/x --desktop ENOENT)', 'not-found', { errno: 'ENOENT' }],
  [
    `Credential helper output was not a usable credential (Output starts with '{' but isn't valid JSON with a 'token' string.)`,
    'unusable-output',
  ],
  [
    'Multiple credential methods configured (vendor-profile, helper-script); using vendor-profile. Clear unused fields or set Credential kind explicitly to avoid ambiguity.',
    'several-credentials',
  ],
  [
    '[custom-3p] Credentials read failed, staying in 1P mode: Invalid custom3p enterprise config: baseUrl: must use https',
    'configuration-refused',
  ],
  ['[custom-3p] configError { message: "..." }', 'configuration-refused'],
  ['Failed to parse enterprise config: invalid_string', 'configuration-refused'],
  ['Failed to parse managed config "inferenceModels": .: invalid_type', 'value-refused', { key: 'inferenceModels' }],
  ['Managed config "modelDiscoveryEnabled" is not a valid boolean', 'value-refused', { key: 'modelDiscoveryEnabled' }],
  ['Failed to parse managed config "hunter2": .: invalid_type', 'value-refused', { key: undefined }],
  [
    'Ignoring local configuration value "inferenceCredentialHelperArgs": not a recognized configuration key',
    'key-ignored',
    { key: 'inferenceCredentialHelperArgs' },
  ],
  ['Ignoring local configuration value "inference": not a recognized configuration key', 'key-ignored'],
  [
    'inferenceModels: "gpt-x" is not an Anthropic model and was removed from the list',
    'model-removed',
    { key: 'inferenceModels' },
  ],
  [`[custom-3p] ConfigHealth recomputed { state: 'provider_error', provider: 'gateway' }`, 'unhealthy'],
  ['[custom-3p] inference request failed: getaddrinfo ENOTFOUND claude.contoso.example', 'unreachable'],
  ['[custom-3p] inference request failed: self-signed certificate in certificate chain', 'untrusted'],
  ['Access denied due to invalid subscription key or wrong API endpoint', 'refused'],
  ['[custom-3p] inference request failed: HTTP 401', 'refused'],
  ['[custom-3p] The principal lacks the required data action', 'forbidden'],
];

describe('a line', () => {
  it.each(LINES.map(([text, id, facts]) => ({ text, id, facts })))('$text', ({ text, id, facts }) => {
    expect(eventOf({ level: 'error', text })).toMatchObject({ what: 'trouble', id, ...facts });
  });

  it('is there for every trouble', () => {
    expect(new Set(LINES.map(([, id]) => id))).toEqual(new Set(troubleIds));
  });

  it.each([
    ['[custom-3p] helper ok (elapsed=40ms stdoutBytes=401) stderr="401 invalid subscription key"', 'helper-succeeded'],
    ['[custom-3p] helper aborted (elapsed=40ms)', 'helper-aborted'],
    ['[custom-3p] credential helper failed (reason=aborted)', 'helper-aborted'],
    [`[custom-3p] ConfigHealth recomputed { state: 'healthy', provider: 'gateway' }`, 'provider-answered'],
    ['[Lifecycle] Turn succeeded', 'provider-answered'],
    ['Not main instance, returning early from app ready', 'not-started'],
  ])("isn't a trouble: %s", (text, what) => {
    expect(eventOf({ level: 'error', text })).toEqual({ what });
  });

  it.each([
    'Ignoring local configuration value "telemetry": not a recognized configuration key',
    'Multiple credential methods configured (static, helper-script); using helper-script. Clear unused fields.',
    `[custom-3p] ConfigHealth recomputed { state: 'not_testable', provider: 'gateway' }`,
    '[custom3p-mcp-headers] helper exited code=1 (elapsed=1ms stdoutBytes=0) stderr=""',
    '[custom-3p] Model discovery: 401 found in 115ms; picker = 401 (discovery)',
    '[updater] certificate expired, 401, ENOTFOUND',
  ])('means nothing here: %s', (text) => {
    expect(eventOf({ level: 'info', text })).toBe(undefined);
  });

  it('names the version that starts', () => {
    expect(eventOf({ level: 'info', text: "Starting app { appVersion: '2.26454.0', isPackaged: true }" })).toEqual({
      what: 'started',
      version: '2.26454.0',
    });
  });
});

it('tells people what each trouble means and what to do, and repeats no part of the line', () => {
  for (const [text, id] of LINES) {
    const event = eventOf({ level: 'error', text });
    if (event?.what !== 'trouble') throw new Error(`${id} is no trouble`);
    const { detail, remedy } = problemOf(event, 'just now');
    expect(detail).toMatch(/^just now, Claude Desktop [a-z]/);
    expect(remedy).toMatch(/[a-z]{3}/);
    expect(`${detail} ${remedy}`).not.toMatch(/undefined|hunter2|gpt-x|contoso|\/opt\/|stderr/);
  }
});

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

const NOW = new Date(2026, 10, 30, 12, 0, 0).getTime();
const MINUTE = 60_000;
const stamp = (minutesAgo: number) => {
  const at = new Date(NOW - minutesAgo * MINUTE);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};
const line = (minutesAgo: number, text: string, level = 'error') => `${stamp(minutesAgo)} [${level}] ${text}\n`;

const EMPTY = '[custom-3p] helper produced no output (elapsed=1ms stdoutBytes=0) stderr=""';
const OK = '[custom-3p] helper ok (elapsed=1ms stdoutBytes=1800)';
const START = "Starting app {\n  appVersion: '2.26454.0',\n  isPackaged: true\n}";
const SECOND = 'Not main instance, returning early from app ready';

/** A home with these files in the folders of Claude Desktop's logs. */
function logIn(files: Readonly<Record<string, string | Buffer>>, platform: NodeJS.Platform = 'linux') {
  let modified = NOW / 1000;
  const home = mkdtempSync(join(tmpdir(), 'log-'));
  homes.push(home);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
    // Each file is older than the one before it.
    utimesSync(join(home, name), modified, modified--);
  }
  return openDesktopLog({ env: {}, platform, home }, NOW);
}

const MAIN = '.config/Claude-3p/logs/main.log';
const idsIn = (log: ReturnType<typeof openDesktopLog>) => log.current.map(({ id }) => id);

describe('the log', () => {
  it.each([
    ['since the last success', line(9, EMPTY) + line(8, OK) + line(7, EMPTY), 1, 1],
    ['not before it', line(9, EMPTY) + line(8, OK), 0, 1],
    ['by its order within one second', line(9, OK) + line(9, EMPTY), 1, 0],
    ['not before the last start', line(9, EMPTY) + line(8, START), 0, 1],
    ['before a start that came to nothing', line(9, EMPTY) + line(8, START) + line(8, SECOND), 1, 0],
    ['not if it is older than a day', line(24 * 60 + 1, EMPTY), 0, 1],
  ])('counts a trouble %s', (_, text, current, past) => {
    const log = logIn({ [MAIN]: text });
    expect([log.current.length, log.past.length]).toEqual([current, past]);
  });

  it('counts a run once although two lines are about it', () => {
    const text = line(9, EMPTY) + line(9, '[custom-3p] credential helper failed (reason=empty)', 'warn');
    expect(idsIn(logIn({ [MAIN]: text }))).toEqual(['empty']);
    expect(idsIn(logIn({ [MAIN]: line(9, '[custom-3p] credential helper failed (reason=empty)') }))).toEqual(['empty']);
  });

  it("doesn't count an answer of the provider as a run of the helper, or a refused configuration as either", () => {
    const healthy = "[custom-3p] ConfigHealth recomputed { state: 'healthy' }";
    const ill = "[custom-3p] ConfigHealth recomputed { state: 'provider_error' }";
    const refused = 'Failed to parse managed config "inferenceModels": .: invalid_type';
    const text = line(9, EMPTY) + line(9, ill) + line(9, refused) + line(8, healthy, 'info');
    expect(idsIn(logIn({ [MAIN]: text }))).toEqual(['empty', 'value-refused']);
    expect(idsIn(logIn({ [MAIN]: line(9, ill) + line(8, OK) }))).toEqual(['unhealthy']);
  });

  it('remembers the start and its version', () => {
    expect(logIn({ [MAIN]: line(9, START, 'info') + line(7, OK, 'info') })).toMatchObject({
      startedAt: NOW - 9 * MINUTE,
      version: '2.26454.0',
      succeededAt: NOW - 7 * MINUTE,
    });
  });

  const wide = Buffer.from(`\ufeff${line(9, EMPTY)}`, 'utf16le');
  it.each([
    ['UTF-16, little-endian', wide],
    ['UTF-16, big-endian', Buffer.from(wide).swap16()],
    ['UTF-8 with a byte order mark', `\ufeff${line(9, EMPTY)}`],
    ['bytes that are no text', Buffer.concat([Buffer.from([0xff, 0x00, 0xc3]), Buffer.from(`\n${line(9, EMPTY)}`)])],
    ['Windows line breaks', line(9, EMPTY).replace('\n', '\r\n')],
    ['times in brackets with fractions', `[${stamp(9)}.123] [error] ${EMPTY}\n`],
    ['megabytes before it', `${line(10, 'noise').repeat(40_000)}${line(9, EMPTY)}`],
  ])('is read in this form: %s', (_, content) => {
    expect(idsIn(logIn({ [MAIN]: content }))).toEqual(['empty']);
  });

  it('continues in the file that was rotated last', () => {
    const log = logIn({
      [MAIN]: line(5, 'noise'),
      '.config/Claude-3p/logs/main.old.log': line(9, EMPTY),
      '.config/Claude-3p/logs/main1.log': line(60, OK),
    });
    expect(idsIn(log)).toEqual(['empty']);
  });

  it('is found in earlier places, and where standard mode has its own', () => {
    const refused = '[custom-3p] Credentials read failed, staying in 1P mode: x';
    expect(idsIn(logIn({ '.config/Claude/logs/main.log': line(9, refused) }))).toEqual(['configuration-refused']);
    expect(idsIn(logIn({ 'Library/Logs/Claude/main.log': line(9, EMPTY) }, 'darwin'))).toEqual(['empty']);
    const packaged = 'AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude-3p/logs/main.log';
    expect(idsIn(logIn({ [packaged]: line(9, EMPTY) }, 'win32'))).toEqual(['empty']);
  });

  it("is a folder, or doesn't exist", () => {
    expect(logIn({ [`${MAIN}/x`]: '' })).toMatchObject({
      file: undefined,
      unreadable: [expect.stringMatching(/main\.log$/)],
    });
    expect(logIn({})).toMatchObject({ file: undefined, unreadable: [], current: [], past: [] });
  });
});

it('looks in every place that a system may have', () => {
  const packages = mkdtempSync(join(tmpdir(), 'log-'));
  homes.push(packages);
  for (const name of ['Claude_pzs8sxrjxfjjc', 'AnthropicPBC.Claude_fnn82j28hfe8t', 'Other_x']) {
    mkdirSync(join(packages, 'AppData/Local/Packages', name), { recursive: true });
  }
  const folders = logFolders({ env: {}, platform: 'win32', home: packages }).map((folder) =>
    folder.slice(packages.length + '/AppData/'.length),
  );
  expect(folders.slice(0, 4)).toEqual([
    'Local/Claude-3p/logs',
    'Local/Claude/logs',
    'Roaming/Claude-3p/logs',
    'Roaming/Claude/logs',
  ]);
  expect(folders).toHaveLength(12);
  expect(folders.join()).not.toContain('Other_x');
});
