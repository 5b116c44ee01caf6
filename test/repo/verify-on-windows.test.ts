// installers/windows/verify-on-windows.ps1 runs on Windows alone. It must at least be what Windows PowerShell 5.1 can read, and
// ask about what the installer installs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { targets } from '../../installers/build/targets.ts';
import { projectFolder } from '../../scripts/project-folder.ts';
import { MACHINE_TASK } from '../../src/autostart/task-xml.ts';

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');
const script = read('installers/windows/verify-on-windows.ps1');

it('parses', async () => {
  await Parser.init();
  const grammar = createRequire(import.meta.url).resolve('tree-sitter-powershell/tree-sitter-powershell.wasm');
  const parser = new Parser().setLanguage(await Language.load(readFileSync(grammar)));
  expect(parser.parse(script)?.rootNode.hasError).toBe(false);
  expect(parser.parse(script.replace(/\}\s*$/m, ''))?.rootNode.hasError).toBe(true);
});

it('is for Windows PowerShell 5.1', () => {
  expect(script).toMatch(/^[\n\x20-\x7e]*$/);
  // PowerShell 7 only: null-coalescing, pipeline chains, ternary.
  expect(script.replaceAll(/'[^'\n]*'/g, "''")).not.toMatch(/\?\?|\?\.|&&|\|\||\?\[|\s\?\s/);
});

it('knows the names that the installer uses', () => {
  const installer = read('installers/windows/product.wxs');
  expect(installer).toContain('Key="SOFTWARE\\FoundryCredentialHelper"');
  expect(script).toContain("'HKLM:\\SOFTWARE\\FoundryCredentialHelper'");
  expect(installer).toContain('Name="foundry-credential-helper"');
  expect(script).toContain("Join-Path $env:ProgramFiles 'foundry-credential-helper'");
  expect(script).toContain(`$TaskName = '${MACHINE_TASK}'`);
  const addons = targets.filter(({ platform }) => platform === 'win32').map((target) => target.addons);
  for (const { asset } of addons.flat()) expect(script).toContain(`'${asset}'`);
  for (const path of ['deploy\\intune\\detect.ps1', 'deploy\\intune\\remediate.ps1']) {
    expect(script).toContain(path);
    expect(read(path.replaceAll('\\', '/'))).not.toBe('');
  }
});
