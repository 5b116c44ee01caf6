// deploy/azure/setup.ps1 in PowerShell 7 for Windows, where the Azure CLI is a batch file and TLS is Windows' own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { type AzureWorld, createAzureWorld } from '../../support/harness/azure-world.ts';
import { isLong } from '../../support/harness/long.ts';
import { quote } from '../../support/harness/powershell.ts';
import { hasWindowsPowerShell, runCommand, type ScriptRun } from '../../support/harness/windows-powershell.ts';
import { createWinePrefix, type WinePrefix, windowsNode, windowsPath } from '../../support/harness/wine.ts';

const AZ = 'C:\\azure cli\\az.cmd';
const NAMES = "-ResourceGroup 'rg-claude' -Location eastus2 -Resource contoso-foundry -Model claude-sonnet-5";
const TERMS = `-OrganizationName 'Contoso "R\\D" & Söhne' -Industry technology -CountryCode US`;

let prefix: WinePrefix;
let world: AzureWorld;

beforeAll(async () => {
  if (!hasWindowsPowerShell) return;
  [prefix, world] = [await createWinePrefix({ forDotNet: true }), await createAzureWorld('recording az')];
  await installAz();
  const certificate = `[Security.Cryptography.X509Certificates.X509Certificate2]::new(${quote(windowsPath(world.env['SSL_CERT_FILE'] ?? ''))})`;
  const trust = `$roots = [Security.Cryptography.X509Certificates.X509Store]::new('Root', 'CurrentUser')
    $roots.Open('ReadWrite'); $roots.Add(${certificate}); $roots.Close()`;
  expect(await runCommand(prefix, trust)).toMatchObject({ exitCode: 0, stderr: '' });
});
afterAll(async () => {
  await prefix?.stop();
  await world?.dispose();
});

/** A batch file, as the Azure CLI for Windows has one. */
async function installAz(): Promise<void> {
  const folder = join(prefix.driveC, 'azure cli');
  mkdirSync(folder);
  writeFileSync(join(folder, 'az.cmd'), `@"${await windowsNode()}" "%~dp0az.cjs" %*\r\n`);
  const client = `
    const [, , ...words] = process.argv;
    const socket = require('node:net').connect(${world.azPort}, '127.0.0.1');
    socket.write([String(words.length), ...words, ''].join('\\0'));
    let text = '';
    socket.on('data', (chunk) => (text += chunk));
    socket.on('end', () => {
      for (const line of text.split('\\n')) {
        if (line.startsWith('o')) process.stdout.write(line.slice(1) + '\\n');
        if (line.startsWith('e')) process.stderr.write(line.slice(1) + '\\n');
        if (line.startsWith('x')) process.exitCode = Number(line.slice(1));
      }
    });`;
  writeFileSync(join(folder, 'az.cjs'), client);
}

function setUp(parameters: string): Promise<ScriptRun> {
  const script = windowsPath(join(projectFolder, 'deploy/azure/setup.ps1'));
  const stubs = `Set-Alias az ${quote(AZ)}; function Start-Sleep { }`;
  const env = { HTTPS_PROXY: world.env['HTTPS_PROXY'] ?? '' };
  return runCommand(prefix, `${stubs}; & ${quote(script)} ${NAMES} ${parameters}`, { env });
}

describe.skipIf(!hasWindowsPowerShell)('setup.ps1 on Windows', () => {
  it.runIf(isLong)('stops at a refusal, makes everything, and finds it there', async () => {
    const { server } = world;
    server.refusal = { method: 'POST', path: /\/applications$/, status: 403, code: 'Authorization_RequestDenied' };
    const stopped = await setUp(`${TERMS} -AssignGroup 'Claude users' -AdminConsent`);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '' });
    expect(stopped.stderr.trimEnd().split('\n').at(-1)).toMatch(/^setup\.ps1: .*Application Administrator/);
    server.refusal = undefined;
    const made = await setUp(`${TERMS} -AssignGroup 'Claude users' -AdminConsent`);
    expect(made.exitCode).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({
      tenantId: server.tenantId,
      clientId: server.directory.applications[0]?.['appId'],
    });
    const deployment = server.changes().find(({ path }) => path.includes('/deployments/'));
    expect(deployment?.body).toMatchObject({
      properties: { modelProviderData: { organizationName: 'Contoso "R\\D" & Söhne' } },
    });
    const before = server.changes().length;
    expect(await setUp("-AssignGroup 'Claude users' -AdminConsent")).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('everything already exists; nothing was changed'),
    });
    expect(server.changes()).toHaveLength(before);
  });

  it('says what the Azure CLI said', async () => {
    const refused = await setUp(`${TERMS} -Subscription Fabrikam`);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/Subscription 'Fabrikam' not found[\s\S]*check -Subscription/);
  });
});
