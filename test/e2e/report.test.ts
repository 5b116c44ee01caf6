// The file that users mail: what stands in it, and above all what does not.
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type DesktopKeyName, desktopKey, desktopKeyNames } from '../../src/claude-desktop/keys.ts';
import { parseValue } from '../../src/config/decode.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { findSecretsInText } from '../support/harness/find-secrets.ts';
import { sample } from '../support/harness/long.ts';
import type { World } from '../support/harness/world.ts';
import { foundryErrors } from '../support/servers/foundry-errors.ts';
import { healthyProfile } from './doctor/faults/row.ts';
import { binary, killAgent, run, signIn, worldForTest, writeDesktopConfig } from './support.ts';

const CANARIES = {
  proxyPassword: 'pr0xy-c4nary-password',
  header: 'h3ader-c4nary-value',
  apiKey: 'c4naryapikey'.repeat(7),
  argument: 'arg-c4nary-value',
  logField: 'l0g-c4nary-value',
  environment: 'env-c4nary-value',
};
const USERNAME = 'grace@contoso.com';

async function reportOf(world: World, name: string, env: NodeJS.ProcessEnv = world.env): Promise<string> {
  const path = join(world.sandbox.root, name);
  const { exitCode, stdout } = await run(env, 'report', path);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${path}\n` });
  return readFileSync(path, 'utf8');
}

it('holds no token, code, password, key or account name, whatever the state of things', async () => {
  const world = await worldForTest({
    config: {
      logLevel: 'trace',
      headers: { 'X-Key': CANARIES.header },
      outputFormat: 'json',
      accountHint: USERNAME,
    },
    entra: { usernames: [USERNAME] },
    proxyCredentials: { username: 'ada', password: CANARIES.proxyPassword },
  });
  const { entra, env, foundry, sandbox } = world;
  writeDesktopConfig(world, {
    ...healthyProfile,
    inferenceCredentialHelper: `${binary} --key ${CANARIES.argument}`,
    inferenceFoundryApiKey: CANARIES.apiKey,
    inferenceGatewayApiKey: CANARIES.apiKey,
    inferenceGatewayBaseUrl: `https://user:${CANARIES.apiKey}@gate.example/?key=${CANARIES.apiKey}`,
    inferenceCustomHeaders: { 'X-Key': CANARIES.header },
    inferenceProvider: CANARIES.apiKey,
    inferenceModels: [CANARIES.apiKey],
    [CANARIES.apiKey]: true,
  });
  const withSecrets = { ...env, AZURE_CLIENT_SECRET: CANARIES.environment };
  const reports: string[] = [];
  const outputs: string[] = [];
  await signIn(world);
  // Somebody else writes into the log.
  appendFileSync(
    join(sandbox.stateFolder, 'agent.log'),
    `${CANARIES.logField}\n${JSON.stringify({ time: '2026-11-23T00:00:00Z', level: 'info', event: 'odd', token: CANARIES.logField })}\n`,
  );
  reports.push(await reportOf(world, 'healthy.md', withSecrets));
  // A few of them where time is short; what doctor makes of each is doctor/faults.test.ts's.
  const bodies = Object.values(foundryErrors).filter((_, index) => process.env['LONG'] === '1' || index % 5 === 0);
  for (const body of bodies) {
    foundry.setFault('count_tokens', body);
    const { stdout, stderr } = await run(env, 'doctor', '--json', '--live');
    outputs.push(stdout, stderr);
  }
  foundry.setFault('count_tokens', undefined);
  for (const fault of [{ kind: 'aadsts', code: 50020 }, { kind: 'half-json' }, { kind: 'html' }] as const) {
    entra.setFault('refresh', fault);
    entra.setFault('devicecode', fault);
    await killAgent(env);
    await runHelper(binary, { context: 'background', env });
    reports.push(await reportOf(world, `${fault.kind}.md`, withSecrets));
    const { stdout, stderr } = await run(env, 'doctor');
    outputs.push(stdout, stderr);
  }

  const secrets = [...entra.secrets(), ...Object.values(CANARIES)];
  expect(secrets.length).toBeGreaterThan(10);
  expect(reports.flatMap((text, index) => findSecretsInText(text, secrets, `report ${index}`))).toEqual([]);
  expect(outputs.flatMap((text, index) => findSecretsInText(text, secrets, `output ${index}`))).toEqual([]);
  for (const text of reports) expect(text).not.toContain(USERNAME);
  // The search would have found them: they are there, in the places that the report reads.
  const places = [
    readFileSync(sandbox.configFile, 'utf8'),
    readFileSync(join(sandbox.stateFolder, 'agent.log'), 'utf8'),
  ];
  expect(findSecretsInText(places.join('\n'), secrets, 'places').length).toBeGreaterThan(1);
});

const canaries: readonly (readonly [string, string])[] = [
  ['a key of 84 characters', 'A1b2C3d4E5f6'.repeat(7)],
  ['a key of 32 hexadecimal digits', '0123456789abcdef0123456789abcdef'],
  ["another vendor's key", 'sk-ant-api03-Zz9-canary-Zz9_canary-Zz9'],
  ['a command with a password', '/bin/echo hunter2-canary-hunter2'],
  ['a path with a key behind it', '/opt/gone/x A1b2C3d4E5f6A1b2C3d4E5f6A1b2C3d4'],
  ['an address with a password', 'https://ada:hunter2-canary@gate.example/hunter2-canary?k=hunter2-canary'],
];

it.each(sample(canaries, 3))('shows %s in no setting of ours or of Claude Desktop', async (_, canary) => {
  const world = await worldForTest({ secretService: 'no-bus' });
  const isText = (key: DesktopKeyName) =>
    ['string', 'enum', 'array', 'object', 'record'].includes(desktopKey(key).type);
  const profile = Object.fromEntries(
    desktopKeyNames.filter(isText).map((key) => [key, desktopKey(key).type === 'array' ? [canary] : canary]),
  );
  writeDesktopConfig(world, { ...profile, [canary]: canary });
  // One report for all of our settings that are text, each with the canary; then one for each that is valid so.
  const ours = configurationKeys.filter((key) => ['string', 'list', 'map'].includes(definitionOf(key).type));
  const asValue = (key: ConfigurationKey) =>
    definitionOf(key).type === 'list' ? [canary] : definitionOf(key).type === 'map' ? { [canary]: canary } : canary;
  const all = Object.fromEntries(ours.map((key) => [key, asValue(key)]));
  const valid = ours.filter((key) => parseValue(key, asValue(key)).valid).map((key) => ({ [key]: asValue(key) }));
  // A command may well be an organization's name or a file of ours: nothing about it looks like a key.
  const settings = canary.startsWith('/bin') ? [{}] : [all, ...valid];
  for (const [index, changes] of settings.entries()) {
    world.sandbox.writeConfig({ ...world.config, ...changes, ...(index === 0 ? { [canary]: canary } : {}) });
    const text = await reportOf(world, `${index}.md`);
    expect(text, Object.keys(changes).join()).not.toMatch(/A1b2C3d4E5f6|0123456789abcdef0123|Zz9|hunter2/);
  }
});

it('says what support asks for first', async () => {
  const world = await worldForTest();
  writeDesktopConfig(world, healthyProfile);
  await signIn(world);
  const text = await reportOf(world, 'report.md');
  for (const part of [
    /^## Versions\n\n {4}program {3}\d+\.\d+\.\d+/m,
    /^ {4}OK {4}foundry-role: Foundry accepts the token$/m,
    new RegExp(`^ {4}tenantId +"${world.entra.tenantId}" {2}from ${world.sandbox.configFile}$`, 'm'),
    /^ {4}inferenceCredentialHelperTtlSec +900$/m,
    /^ {4}\{"time":"[^"]+","level":"info","event":"[a-z-]+"/m,
  ]) {
    expect(text).toMatch(part);
  }
  const { mode } = statSync(join(world.sandbox.root, 'report.md'));
  expect(mode & 0o777).toBe(0o600);
});

it('never replaces a file, and says where it cannot write', async () => {
  const { env, sandbox } = await worldForTest({ secretService: 'no-bus' });
  const path = join(sandbox.root, 'mine.txt');
  writeFileSync(path, 'mine');
  const again = await run(env, 'report', path);
  expect(again).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('ERR_FILE_EXISTS') });
  expect(readFileSync(path, 'utf8')).toBe('mine');
  const nowhere = await run(env, 'report', join(sandbox.root, 'no/such/folder/report.md'));
  expect(nowhere).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('ERR_FILE_UNWRITABLE') });
  expect(readdirSync(sandbox.root)).not.toContain('no');
});
