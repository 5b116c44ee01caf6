// The exported batch file for a headers helper, run by Windows' own command processor (that of Wine) as Claude Desktop
// runs one.
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { headerScripts } from '../../../src/rollout/export/header-scripts.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { createWinePrefix, type WinePrefix, windowsNode } from '../../support/harness/wine.ts';

const FOLDER = 'C:\\tools & more';
/** Node runs a file of this name in the current folder if it's called as this program. */
const HEADERS = 'process.stdout.write(JSON.stringify(process.argv.slice(2))); process.exitCode = 9;';

let prefix: WinePrefix;
beforeAll(async () => {
  prefix = await createWinePrefix();
  const folder = join(prefix.driveC, 'tools & more');
  mkdirSync(folder);
  linkSync(
    (await windowsNode()).replace(/^Z:/, '').replaceAll('\\', '/'),
    join(folder, 'foundry-credential-helper.exe'),
  );
  writeFileSync(join(folder, 'headers'), HEADERS);
});
afterAll(() => prefix.stop());

it.each(['api://contoso-mcp/.default', "https://x.contoso.com/!#$%&'()*+,-.:;<=>@[]^_`{|}~/%PATH%"])(
  'passes on %s as it is, and the exit code',
  async (scope) => {
    const windows = `${FOLDER}\\foundry-credential-helper.exe`;
    const found = headerScripts([scope], { ...DEFAULT_HELPER_PATHS, windows }).find(({ path }) =>
      path.endsWith('.cmd'),
    );
    writeFileSync(join(prefix.driveC, 'tools & more', 'script.cmd'), found?.content ?? '');
    const args = ['/d', '/s', '/c', `""${FOLDER}\\script.cmd""`];
    const run = await prefix.run('C:\\windows\\system32\\cmd.exe', args, { verbatim: true, cwd: FOLDER });
    expect(run).toMatchObject({ exitCode: 9, stdout: JSON.stringify(['--resource', scope]), stderr: '' });
  },
);
