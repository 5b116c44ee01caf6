import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { exportFiles } from '../../../src/rollout/export/export-files.ts';
import { headerScripts } from '../../../src/rollout/export/header-scripts.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { createSandbox } from '../../support/harness/sandbox.ts';

const MCP = 'api://contoso-mcp/.default';
const paths = (resources: readonly string[]): readonly string[] =>
  headerScripts(resources, DEFAULT_HELPER_PATHS).map(({ path }) => path);

it('writes a script for each resource and system, next to the program', () => {
  const files = headerScripts([MCP], DEFAULT_HELPER_PATHS);
  expect(Object.fromEntries(files.map(({ path, content }) => [path, content.toString()]))).toEqual({
    'macos/headers/foundry-credential-helper-contoso-mcp':
      "#!/bin/sh\nexec '/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper' headers --resource 'api://contoso-mcp/.default'\n",
    'windows/headers/foundry-credential-helper-contoso-mcp.cmd':
      '@setlocal DisableDelayedExpansion\r\n@"%~dp0foundry-credential-helper.exe" headers --resource "api://contoso-mcp/.default"\r\n',
    'linux/headers/foundry-credential-helper-contoso-mcp':
      "#!/bin/sh\nexec '/usr/bin/foundry-credential-helper' headers --resource 'api://contoso-mcp/.default'\n",
  });
  expect(files.map(({ upload }) => /Copy to `([^`]+)`/.exec(upload)?.[1])).toEqual([
    '/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper-contoso-mcp',
    'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper-contoso-mcp.cmd',
    '/usr/bin/foundry-credential-helper-contoso-mcp',
  ]);
});

it.each([
  ['api://mcp.contoso.com/.default', 'mcp.contoso.com'],
  ['https://contoso.com//.default', 'contoso.com'],
  ['https://Contoso.com/tools/Read.All', 'contoso.com-tools-read.all'],
  ['499b84ac-1321-427f-aa17-267ca6975798/.default', '499b84ac-1321-427f-aa17-267ca6975798'],
])('%s gives its script a name', (resource, name) => {
  expect(paths([resource])).toContain(`linux/headers/foundry-credential-helper-${name}`);
});

it('no two scripts have the same name, whatever the case', () => {
  const all = paths(['api://contoso/a-b', 'api://contoso/A/B', 'api://contoso/a_b']);
  expect(new Set(all.map((path) => path.toLowerCase())).size).toBe(9);
});

it.runIf(process.platform !== 'win32')(
  'a shell passes on every character of a path and a scope, and the exit code',
  () => {
    const sandbox = createSandbox();
    onTestFinished(() => sandbox.dispose());
    const folder = join(sandbox.root, `it's $HOME "x" \`y\``);
    mkdirSync(folder);
    const program = join(folder, 'program');
    writeFileSync(program, '#!/bin/sh\nprintf "<%s>" "$@"\nexit 9\n');
    chmodSync(program, 0o755);
    const scope = "api://x/!#$%&'()*+,-.:;<=>@[]^_`{|}~";
    const found = headerScripts([scope], { ...DEFAULT_HELPER_PATHS, linux: program }).find(({ path }) =>
      path.startsWith('linux/'),
    );
    const script = join(sandbox.root, 'script');
    writeFileSync(script, found?.content ?? '');
    chmodSync(script, 0o755);
    const run = (): string => execFileSync(script, { encoding: 'utf8' });
    expect(run).toThrow(expect.objectContaining({ status: 9, stdout: `<headers><--resource><${scope}>` }));
  },
);

it('an export has the scripts for "allowedResources", unless users have an API key', () => {
  const values = {
    tenantId: 'contoso.com',
    clientId: '11111111-2222-3333-4444-555555555555',
    foundryResource: 'contoso-foundry',
    models: [{ name: 'claude-sonnet-5' }],
    allowedResources: [MCP],
  };
  const scriptsOf = (more: object): readonly string[] =>
    exportFiles({ ...values, ...more }, DEFAULT_HELPER_PATHS).flatMap(({ path }) =>
      path.includes('/headers/') ? path : [],
    );
  expect(scriptsOf({})).toEqual(paths([MCP]).toSorted());
  expect(scriptsOf({ allowedResources: undefined })).toEqual([]);
  expect(scriptsOf({ credential: 'api-key' })).toEqual([]);
  const [guide] = exportFiles(values, DEFAULT_HELPER_PATHS);
  expect(guide?.content.toString()).toContain('Copy to `/usr/bin/foundry-credential-helper-contoso-mcp`');
});

it('docs/how-to/other-resources.md shows the scripts as they are', () => {
  const page = readFileSync(join(projectFolder, 'docs/how-to/other-resources.md'), 'utf8');
  for (const { path, content } of headerScripts([MCP], DEFAULT_HELPER_PATHS)) {
    if (!path.startsWith('macos/')) expect(page).toContain(`\n${content.toString().replaceAll('\r', '')}\`\`\``);
  }
});
