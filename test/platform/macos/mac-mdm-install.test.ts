// What device management runs on Macs to install the program: in this computer's shells, with the commands of macOS as
// stand-ins on PATH that keep the receipt and record what they were asked.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AGENT_LABEL } from '../../../installers/macos/pkg/payload.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { parsePlist } from '../../../src/formats/plist.ts';

const RECEIPT = 'dev.foundry-credential-helper.pkg';
const PACKAGES = { arm64: 'the package for Apple silicon', x64: 'the package for Intel' };
const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');
const SHELLS = [['/bin/dash'], ['/bin/bash', '--posix'], ['/bin/zsh', '--emulate', 'sh']];

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Mac {
  readonly program: string;
  readonly calls: () => readonly string[];
  setReceipt(version: string): void;
  run(script: string, values?: Readonly<Record<string, string>>, shell?: readonly string[]): Run;
  /** What the script has left in the folder for temporary files. */
  leftovers(): boolean;
}

function mac({ arm64 = true, packageVersion = '1.2.3', served = PACKAGES } = {}): Mac {
  const root = mkdtempSync(join(tmpdir(), 'mdm-install-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string): string => join(root, name);
  mkdirSync(at('bin'));
  const stub = (name: string, body: string): void => {
    writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${body}\n`);
    chmodSync(at(`bin/${name}`), 0o755);
  };
  for (const [processor, text] of Object.entries(served)) writeFileSync(at(processor), text);
  writeFileSync(at('calls'), '');
  stub('pkgutil', `[ "$1 $2" = "--pkg-info ${RECEIPT}" ] && [ -e '${at('receipt')}' ] && cat '${at('receipt')}'`);
  stub('sysctl', arm64 ? '[ "$*" = "-n hw.optional.arm64" ] && echo 1' : 'exit 1');
  stub(
    'curl',
    `echo "curl $*" >>'${at('calls')}'\nfor last; do :; done\nwhile [ "$1" != --output ]; do shift; done\ncp "${root}/\${last##*/}" "$2"`,
  );
  stub('shasum', '[ "$1 $2" = "-a 256" ] && exec sha256sum "$3"');
  stub('mktemp', `[ "$*" = -d ] && mkdir '${at('temporary')}' && echo '${at('temporary')}'`);
  stub(
    'installer',
    `echo "installer $1 $(cat "$2") $3 $4" >>'${at('calls')}'\nprintf 'package-id: ${RECEIPT}\\nversion: ${packageVersion}\\n' >'${at('receipt')}'`,
  );
  const program = at('program');
  writeFileSync(program, '', { mode: 0o755 });
  return {
    program,
    calls: () => readFileSync(at('calls'), 'utf8').split('\n').filter(Boolean),
    setReceipt: (version) => writeFileSync(at('receipt'), `package-id: ${RECEIPT}\nversion: ${version}\nlocation: /\n`),
    run: (script, values = {}, [shell = '/bin/sh', ...options] = []) => {
      let text = readFileSync(join(projectFolder, 'deploy', script), 'utf8');
      for (const [name, value] of Object.entries(values)) {
        expect(text).toContain(`\n${name}=\n`);
        text = text.replace(`\n${name}=\n`, `\n${name}=${value}\n`);
      }
      writeFileSync(at('script.sh'), text);
      const env = { PATH: `${at('bin')}:/usr/bin:/bin`, FOUNDRY_CREDENTIAL_HELPER_BINARY: program };
      const { status, stdout, stderr } = spawnSync(shell, [...options, at('script.sh')], { env, encoding: 'utf8' });
      return { exitCode: status, stdout, stderr };
    },
    leftovers: () => existsSync(at('temporary')),
  };
}

const line = (text: string): string => `foundry-credential-helper: ${text}\n`;

describe('deploy/kandji/installed.sh', () => {
  it.each(SHELLS)('passes if the program is installed, in the version that is wanted (%s)', (...shell) => {
    const computer = mac();
    const audit = (version = '') => computer.run('kandji/installed.sh', { VERSION: version }, shell);
    expect(audit()).toEqual({ exitCode: 1, stdout: line('not installed'), stderr: '' });
    computer.setReceipt('1.2.3');
    const installed = { stdout: line('1.2.3 is installed'), stderr: '' };
    expect(audit()).toEqual({ exitCode: 0, ...installed });
    expect(audit('1.2.3')).toEqual({ exitCode: 0, ...installed });
    expect(audit('1.3.0')).toEqual({ exitCode: 1, ...installed });
  });

  it("fails if the receipt is there, but the program isn't", () => {
    const computer = mac();
    computer.setReceipt('1.2.3');
    rmSync(computer.program);
    expect(computer.run('kandji/installed.sh')).toMatchObject({ exitCode: 1, stdout: line('not installed') });
  });
});

describe('deploy/intune/install-macos.sh', () => {
  const address = (processor: string): string => `https://downloads.contoso.com/${processor}`;
  const values = {
    VERSION: '1.2.3',
    ARM64_URL: address('arm64'),
    ARM64_SHA256: checksum(PACKAGES.arm64),
    X64_URL: address('x64'),
    X64_SHA256: checksum(PACKAGES.x64),
  };

  it.each(SHELLS)('downloads, compares, and installs, once (%s)', (...shell) => {
    const computer = mac();
    expect(computer.run('intune/install-macos.sh', values, shell)).toEqual({
      exitCode: 0,
      stdout: line('installed 1.2.3'),
      stderr: '',
    });
    expect(computer.calls()).toEqual([
      expect.stringMatching(/^curl --fail .*--proto =https .* https:\/\/downloads\.contoso\.com\/arm64$/),
      `installer -pkg ${PACKAGES.arm64} -target /`,
    ]);
    expect(computer.leftovers()).toBe(false);
    const again = computer.run('intune/install-macos.sh', values, shell);
    expect(again).toEqual({ exitCode: 0, stdout: line('1.2.3 is installed already'), stderr: '' });
    expect(computer.calls()).toHaveLength(2);
  });

  it('replaces an older version, and chooses the package by the processor', () => {
    const computer = mac({ arm64: false });
    computer.setReceipt('1.2.2');
    expect(computer.run('intune/install-macos.sh', values)).toMatchObject({ exitCode: 0 });
    expect(computer.calls()).toContain(`installer -pkg ${PACKAGES.x64} -target /`);
  });

  it.each([
    ['another file than expected', { served: { ...PACKAGES, arm64: 'x' } }, /has another checksum than expected\n$/],
    [
      'no file',
      { served: { x64: '' } as typeof PACKAGES },
      /can't download https:\/\/downloads\.contoso\.com\/arm64\n$/,
    ],
  ])('%s at the address: fails, and installs nothing', (_, options, message) => {
    const computer = mac(options);
    const { exitCode, stdout, stderr } = computer.run('intune/install-macos.sh', values);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(computer.calls().filter((call) => call.startsWith('installer'))).toEqual([]);
    expect(computer.leftovers()).toBe(false);
  });

  it('a package of another version: fails', () => {
    const computer = mac({ packageVersion: '1.2.4' });
    const { exitCode, stderr } = computer.run('intune/install-macos.sh', values);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: line("the package isn't version 1.2.3") });
  });

  it.each(['VERSION', 'ARM64_URL', 'ARM64_SHA256'])('without %s: fails, and says what to do', (name) => {
    const computer = mac();
    const { exitCode, stderr } = computer.run('intune/install-macos.sh', { ...values, [name]: '' });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: line('set the version, the addresses, and the checksums at the top of the script'),
    });
    expect(computer.calls()).toEqual([]);
  });
});

it('deploy/macos/background-item.mobileconfig names the agent that the package installs', () => {
  const file = join(projectFolder, 'deploy/macos/background-item.mobileconfig');
  execFileSync('xmllint', ['--noout', '--nonet', file]);
  const profile = parsePlist(readFileSync(file, 'utf8'));
  expect(profile).toMatchObject({
    PayloadType: 'Configuration',
    PayloadScope: 'System',
    PayloadContent: [
      {
        PayloadType: 'com.apple.servicemanagement',
        Rules: [{ RuleType: 'Label', RuleValue: AGENT_LABEL }],
      },
    ],
  });
});
