// docs/how-to/install-linux.md: its Debian commands run exactly as written, in an overlay over this machine's system.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { productVersion, projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { writeDeb } from '../../../installers/linux/deb.ts';
import { binary } from '../../e2e/support.ts';
import { ONE_USER, overlayRootFault, runInOverlayRoot } from '../../support/harness/overlay-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'install-guide-'));
const page = readFileSync(join(projectFolder, 'docs/how-to/install-linux.md'), 'utf8');
const fault = overlayRootFault();
afterAll(() => rmSync(folder, { recursive: true }));

/** Packing the real program takes longer than everything else here, so the package has a script that runs it. */
function writePackage(): string {
  const standIn = join(folder, 'stand-in');
  writeFileSync(standIn, '#!/bin/sh\nexec /tmp/given/program "$@"\n');
  copyFileSync(binary, join(folder, 'program'));
  const licences = join(projectFolder, 'LICENSE');
  const addons = installedAddons(hostTarget());
  return writeDeb({ binary: standIn, addons, licences, arch: 'x64', version: productVersion(), folder });
}

/** The lines of the page's shell blocks, without those for GitHub and other distributions. */
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .filter((line) => !/^gh |\.rpm$/.test(line));

/** Runs a command of the page and prints it with its exit code; a user runs what isn't `sudo`. */
const step = (line: string): string =>
  line.startsWith('sudo ')
    ? `code=0; ${line.slice('sudo '.length)} || code=$?; echo "RAN [${line}] $code"`
    : `code=0; as_user ${line} || code=$?; echo "RAN [${line}] $code"`;

/** No keystore runs in the overlay. */
const exitCodeOf = (line: string): string => (line.endsWith('--purge') ? '8' : '0');

describe('docs/how-to/install-linux.md', () => {
  let name: string;
  beforeAll(() => {
    // For the user who runs what isn't `sudo`.
    chmodSync(folder, 0o755);
    name = basename(writePackage());
    const sums = execFileSync('sha256sum', [name, 'stand-in'], { cwd: folder, encoding: 'utf8' });
    writeFileSync(join(folder, 'SHA256SUMS'), `${sums}${'0'.repeat(64)}  not-downloaded.rpm\n`);
  });

  it('names the package of this version', () => {
    expect(page).toContain(`| \`${name}\` |`);
    expect(page).toContain(`| \`foundry-credential-helper-${productVersion()}-1.x86_64.rpm\` |`);
  });

  it.skipIf(fault !== undefined)(
    `installs, checks, and removes it${fault === undefined ? '' : ` (${fault})`}`,
    async () => {
      expect(commands).toHaveLength(6);
      const script = `${ONE_USER}
rm -f /var/lib/man-db/auto-update
dpkg -P --force-all foundry-credential-helper >/dev/null 2>&1 || :
rm -rf /etc/foundry-credential-helper
cd /tmp/given
${commands.map(step).join('\n')}
ls /usr/bin/foundry-credential-helper || echo GONE
`;
      const { exitCode, output } = await runInOverlayRoot(script, folder);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const ran = [...output.matchAll(/^RAN \[(.*)\] (\d+)$/gm)].map(([, line, code]) => [line, code]);
      expect({ ran, output }).toMatchObject({ ran: commands.map((line) => [line, exitCodeOf(line)]) });
      expect(output).toContain(`${name}: OK`);
      expect(output).toContain(`foundry-credential-helper ${productVersion()}`);
      expect(output).toMatch(/^GONE$/m);
    },
  );
});
