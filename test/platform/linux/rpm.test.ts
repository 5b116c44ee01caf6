// The RPM package: really installed, run, upgraded, downgraded, and erased by rpm, in an overlay over this machine's (Debian) system.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { writeRpm } from '../../../installers/linux/rpm.ts';
import { binary } from '../../e2e/support.ts';
import { isLong } from '../../support/harness/long.ts';
import { ONE_USER, overlayRootFault, runInOverlayRoot } from '../../support/harness/overlay-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'rpm-test-'));
const licences = join(projectFolder, 'LICENSE');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const addons = installedAddons(hostTarget());
const fault = overlayRootFault();
afterAll(() => rmSync(folder, { recursive: true }));

const SCRIPT = `
${ONE_USER}rpm --nodeps -i /tmp/given/foundry-credential-helper-0.1.0-1.*.rpm
[ -L "$wanted" ] && echo 'ENABLED'
as_user $helper agent start
as_user $helper keystore-probe >/tmp/probe
find /tmp/home /tmp/run -name '*.node' | sed 's/^/UNPACKED /'
echo "AGENTS $(agents)"
rpm --nodeps -U /tmp/given/foundry-credential-helper-0.2.0-1.*.rpm
echo "AGENTS AFTER UPGRADE $(left)"
[ -L "$wanted" ] && echo 'STILL ENABLED'
as_user $helper agent start
rpm --nodeps -U --oldpackage /tmp/given/foundry-credential-helper-0.1.0-1.*.rpm
echo "AGENTS AFTER DOWNGRADE $(left)"
[ -L "$wanted" ] && echo 'ENABLED AFTER DOWNGRADE'
rpm -q foundry-credential-helper | sed 's/^/DOWNGRADED TO /'
as_user $helper agent start
rpm -e foundry-credential-helper
echo "AGENTS AFTER REMOVAL $(left)"
find /usr /etc /lib /opt /run -xdev -name '*foundry-credential-helper*' | sed 's/^/LEFT /'
`;

it.runIf(isLong)('comes out the same from the same input', () => {
  const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const [first, second] = ['one', 'two'].map((name) => {
    mkdirSync(join(folder, name));
    return sha256(writeRpm({ binary, addons, licences, arch, version: '0.1.0', folder: join(folder, name) }));
  });
  expect(second).toBe(first);
});

it.skipIf(fault !== undefined || !isLong)(
  `installs, runs, upgrades, goes back and is erased${fault === undefined ? '' : ` (${fault})`}`,
  async () => {
    // The packages differ by their own version only: what an upgrade does to files and agents is rpm's and the scripts' work.
    for (const version of ['0.1.0', '0.2.0']) writeRpm({ binary, addons, licences, arch, version, folder });
    const { exitCode, output } = await runInOverlayRoot(SCRIPT, folder);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    for (const line of [
      /^ENABLED$/m,
      /^AGENTS 1$/m,
      /^AGENTS AFTER UPGRADE 0$/m,
      /^STILL ENABLED$/m,
      /^AGENTS AFTER DOWNGRADE 0$/m,
      /^ENABLED AFTER DOWNGRADE$/m,
      /^DOWNGRADED TO foundry-credential-helper-0\.1\.0-1\./m,
      /^AGENTS AFTER REMOVAL 0$/m,
    ]) {
      expect(output).toMatch(line);
    }
    expect(output).not.toMatch(/^LEFT|^UNPACKED/m);
  },
);
