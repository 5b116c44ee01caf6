// Rules about the text of src/ that the project's linters don't have.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';

/** Where a secret leaves its wrapper, and why it must. */
const REVEALS: Readonly<Record<string, string>> = {
  'src/agent/credentials/api-key-credential.ts': 'what the keystore holds is checked to be a key',
  'src/agent/managed-identity-token.ts': 'the answer that an Azure SDK gets',
  'src/agent/output.ts': 'the line that Claude Desktop reads',
  'src/agent/request-handler.ts': 'the API key, as the answer to the command `token`',
  'src/agent/resource-access.ts': 'the answer to the commands `token`, `headers`, and `git-credential`',
  'src/agent/tokens/keystore-entry.ts': 'the keystore entry is compared before it is replaced',
  'src/cli/commands/login-api-key.ts': 'the key goes to the agent',
  'src/doctor/foundry/foundry-client.ts': 'the request to Foundry carries the token',
  'src/doctor/keystore-probe.ts': 'what was written is compared with what was read',
  'src/doctor/token-claims.ts': 'the claims of the token are decoded',
  'src/entra/broker/linux/broker-request.ts': 'the broker is told which token to renew',
  'src/entra/broker/read-broker-token.ts': 'the token is compared with the one that it replaces',
  'src/entra/broker/windows/windows-broker.ts': 'the token to renew goes to the broker',
  'src/entra/msal/token-cache.ts': 'the refresh token goes into MSAL',
  'src/entra/refresh-token-record.ts': 'the record goes to and comes from the keystore',
  'src/storage/secret-bytes.ts': 'keystores take bytes',
};

/** Where a failure becomes the exit code of a process. */
const ENDS_OF_PROCESSES: readonly string[] = [
  'src/agent-process/run.ts',
  'src/cli/commands/status.ts',
  'src/cli/terminal.ts',
  'src/core/errors.ts',
  'src/helper/recover.ts',
];

/** Who writes to stdout or stderr, and what prevents other people's text from doing harm there. */
const WRITERS: Readonly<Record<string, string>> = {
  'src/agent-process/run.ts': 'one line each, from describeFailure or printable',
  'src/cli/terminal.ts': 'everything passes printable or printableLayout',
  'src/helper/at-terminal.ts': 'a fixed text',
  'src/helper/recover.ts': 'a token, or what describeFailure says',
  'src/helper/run-helper.ts': 'a token',
  'src/platform/private-file.ts': 'writes files',
  'src/platform/write-output.ts': 'called by the others',
};

/** Who lays out texts of several lines or with colors, whose foreign parts must have passed printable. */
const LAYOUTS: Readonly<Record<string, string>> = {
  'src/cli/commands/doctor.ts': 'through doctor-table.ts, which makes each finding printable',
  'src/cli/login-view.ts': 'the code and the address are made printable; the rest is our own',
  'src/cli/read-secret.ts': 'our own prompt',
  'src/cli/run-cli.ts': 'help, completion, and usage errors, which are made printable',
};

/**
 * Who gets hold of a terminal's stream: for its size, its colors, or a library that writes the program's own words to
 * it.
 */
const STREAMS: readonly string[] = [
  'src/agent-process/run.ts',
  'src/cli/commands/doctor.ts',
  'src/cli/commands/login.ts',
  'src/cli/dialog.ts',
  'src/cli/login-view.ts',
  'src/cli/terminal.ts',
];

/** What starts a process, and where its absolute path comes from. */
const STARTS_PROCESSES: Readonly<Record<string, RegExp>> = {
  'src/agent-process/lock-holder.ts': /outputOf\('\/bin\/ps'[\s\S]*outputOf\(systemProgram\(/,
  'src/agent-process/start.ts': /= selfCommand\(/,
  'src/agent/diagnosis.ts': /= selfCommand\(/,
  // The user's own command, which they may well name without a folder.
  'src/cli/commands/exec.ts': /spawn\(command, args/,
  'src/doctor/checks/keystore.ts': /= selfCommand\(/,
  'src/log/system-log.ts': /logger = platform === 'win32' \? process\.execPath\.replace\(.*: '\/usr\/bin\/logger'/,
  'src/notify/notify.ts': /= findProgram\(/,
  'src/platform/dialog-window.ts': /launcher: string = process\.execPath\.replace\(/,
  'src/platform/opener.ts': /if \(!isAbsolute\(file\)\) return/,
  'src/platform/run-program.ts': /if \(!isAbsolute\(file\)\) \{[\s\S]*execFile\(file/,
};

/** The functions of node:fs that create a file, which only a few files need. */
const CREATES_FILES: Readonly<Record<string, string>> = {
  'src/agent-process/start.ts': 'the marker, with O_EXCL',
  'src/log/rotating-file.ts': 'appends, in a folder that has been checked, with O_NOFOLLOW',
  'src/platform/back-up.ts': 'a copy, with COPYFILE_EXCL',
  'src/platform/core-dump.ts': 'in /proc only',
  'src/platform/private-file.ts': 'the one writer, with O_EXCL',
};

const sources = readdirSync(join(projectFolder, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`);

describe('the source', () => {
  it('is found', () => {
    expect(sources).toContain('src/main.ts');
  });

  it('reveals secrets only if it must', () => {
    expect(filesWith(/\.reveal\(/)).toEqual(Object.keys(REVEALS).sort());
  });

  it('writes only printable text to stdout and stderr', () => {
    expect(filesWith(/\bwriteSync\(|\bwriteOutput\(|\bwriteDiagnostic\(|\bstd(?:out|err)\.write\(/)).toEqual(
      Object.keys(WRITERS),
    );
    const inCli = (pattern: RegExp) => filesWith(pattern).filter((path) => path.startsWith('src/cli/'));
    expect(inCli(/\bwrite(?:Message)?Layout\b/)).toEqual([...Object.keys(LAYOUTS), 'src/cli/terminal.ts'].sort());
    expect(filesWith(/(?<!`)\bprocess\.std(?:out|err)\b|\{[^{}]*\bstd(?:out|err)\b[^{}]*\} = process\b/)).toEqual(
      STREAMS,
    );
  });

  it('has one place that says which characters may be shown', () => {
    // formats reads JSON; config and claude-desktop refuse such values instead of showing them.
    const own = filesWith(/\\u0000-\\u001f|replaceAll\(\/.*\\p\{Cc\}/);
    expect(own).toEqual(['src/formats/json-fault.ts']);
  });

  it('never writes through console', () => {
    expect(filesWith(/\bconsole\s*[.[]/)).toEqual([]);
  });

  it('keeps no notes to self', () => {
    expect(filesWith(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('silences no type check', () => {
    expect(filesWith(/@ts-(ignore|nocheck|expect-error)|[(<\s]as any[\s;,)\].]/)).toEqual([]);
  });

  it('has no barrel', () => {
    expect(sources.filter((path) => path.endsWith('/index.ts'))).toEqual([]);
  });

  it('knows exit codes only if a process ends; everything else branches on the category or code of an error', () => {
    expect(filesWith(/\bexitCodeOf\(|\{[^{};]*\bexit\b[^{};]*\} =|(?<!process)\.exit\b/)).toEqual(ENDS_OF_PROCESSES);
  });

  it('starts processes by an absolute path only', () => {
    expect(filesWith(/node:child_process/)).toEqual(Object.keys(STARTS_PROCESSES).sort());
    for (const [path, pattern] of Object.entries(STARTS_PROCESSES)) {
      expect(readFileSync(join(projectFolder, path), 'utf8'), path).toMatch(pattern);
    }
    expect(filesWith(/(?<![.\w])(?:spawn|execFile|exec|fork)(?:Sync)?\(\s*['"`](?!\/)/)).toEqual([]);
    expect(filesWith(/shell: true/)).toEqual([]);
  });

  it('looks for Windows’ own programs in one place', () => {
    expect(filesWith(/\['SystemRoot'\]|windir/i)).toEqual(['src/platform/programs.ts']);
  });

  it('creates files through one writer', () => {
    const creates =
      /\b(?:writeFile|appendFile|copyFile|createWriteStream|cp|link|symlink)(?:Sync)?\(|openSync\([^)]*(?:'w|'a|O_CREAT)/;
    expect(filesWith(creates)).toEqual(Object.keys(CREATES_FILES).sort());
  });

  it.each([
    [/'code' in \w+ &&|'code' in \w+ \?/, ['src/core/errno.ts']],
    [/\btimingSafeEqual\(/, ['src/core/constant-time.ts']],
    [
      /function (isObject|parseObject|isCode|sameSecret)\b/,
      ['src/core/constant-time.ts', 'src/core/errno.ts', 'src/core/json.ts'],
    ],
  ])('has %s in one place', (pattern, places) => {
    expect(filesWith(pattern)).toEqual(places);
  });

  it('uses node:https, never fetch, which is heavier and fails under Wine', () => {
    const inBrowser = ['src/sign-in-page/page/client-script.ts'];
    expect(filesWith(/(?<![.\w])fetch\(/)).toEqual(inBrowser);
  });
});

function filesWith(pattern: RegExp): string[] {
  return sources.filter((path) => pattern.test(readFileSync(join(projectFolder, path), 'utf8'))).sort();
}
