// The file that users mail: what's in it, and above all what doesn't.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  // Someone else writes into the log.
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

it.each(sample(canaries, 3))("doesn't show %s in any setting of this program or Claude Desktop", async (_, canary) => {
  const world = await worldForTest({ secretService: 'no-bus' });
  const isText = (key: DesktopKeyName) =>
    ['string', 'enum', 'array', 'object', 'record'].includes(desktopKey(key).type);
  const profile = Object.fromEntries(
    desktopKeyNames.filter(isText).map((key) => [key, desktopKey(key).type === 'array' ? [canary] : canary]),
  );
  writeDesktopConfig(world, { ...profile, [canary]: canary });
  // One report for all of this program's settings that are text, each with the canary; then one for each that is valid
  // so.
  const ours = configurationKeys.filter((key) => ['string', 'list', 'map'].includes(definitionOf(key).type));
  const asValue = (key: ConfigurationKey) =>
    definitionOf(key).type === 'list' ? [canary] : definitionOf(key).type === 'map' ? { [canary]: canary } : canary;
  const all = Object.fromEntries(ours.map((key) => [key, asValue(key)]));
  const valid = ours.filter((key) => parseValue(key, asValue(key)).valid).map((key) => ({ [key]: asValue(key) }));
  // A command may well be an organization's name or this program's file: nothing about it looks like a key.
  const settings = canary.startsWith('/bin') ? [{}] : [all, ...valid];
  for (const [index, changes] of settings.entries()) {
    world.sandbox.writeConfig({ ...world.config, ...changes, ...(index === 0 ? { [canary]: canary } : {}) });
    const text = await reportOf(world, `${index}.md`);
    expect(text, Object.keys(changes).join()).not.toMatch(/A1b2C3d4E5f6|0123456789abcdef0123|Zz9|hunter2/);
  }
});

const LOG_CANARIES = {
  jwt: 'eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiJjNG5hcnkifQ.c4nary-signature',
  anthropicKey: 'sk-ant-api03-c4nary-c4nary',
  azureKey: 'c4n4ryk3y'.repeat(9),
  printed: 'pr1nted-by-a-script',
  argument: 'argument-c4nary',
  query: 'query-c4nary',
  field: 'f1eld',
  bearer: 'sh0rt',
};
const PEOPLE = ['grace-hopper', 'Grace Hopper', 'ada.lovelace', 'grace@contoso.com', 'Ada.Lovelace@sub.contoso.co.uk'];

/** Lines of Claude Desktop's log as they might be, with everything in them that a report must not show. */
function logWithCanaries(computer: string): string {
  const { jwt, anthropicKey, azureKey, printed, argument, query, field, bearer } = LOG_CANARIES;
  const paths = ['/Users/ada.lovelace/bin/helper', '/home/grace-hopper/x', 'C:\\\\Users\\\\Grace Hopper\\\\helper.exe'];
  const lines = [
    ...paths.map((path) => `[custom-3p] running helper { helperPath: '${path}', args: [ '--key', '${argument}' ] }`),
    `[custom-3p] helper exited code=1 (elapsed=1ms stdoutBytes=0) stderr="${printed} for grace@contoso.com: error[ERR_NETWORK_DNS] AADSTS50173 ${jwt}"`,
    `[custom-3p] helper ok (elapsed=1ms stdoutBytes=1) stderr="${printed}"`,
    `[custom-3p] inference apiHost=https://grace:${anthropicKey}@gate.example/${azureKey}?key=${query}`,
    `[custom-3p] inference request failed: token=${field}, Authorization: Bearer ${bearer}, x-api-key: ${anthropicKey}`,
    `[custom-3p] Credentials loaded from managed config { user: 'Ada.Lovelace@sub.contoso.co.uk', host: '${computer}' }`,
    `Failed to parse managed config "inferenceModels": ${jwt} ${azureKey}`,
    `[account] Identity changed for Grace Hopper`,
  ];
  return lines.map((text, second) => `2026-11-29 10:00:0${second} [error] ${text}\n`).join('');
}

it("doesn't name anyone or show a secret from Claude Desktop's log, and still says what happened", async () => {
  const world = await worldForTest({ secretService: 'no-bus' });
  writeDesktopConfig(world, healthyProfile);
  const computer = 'GRACE-LAPTOP';
  const file = join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/logs/main.log');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, logWithCanaries(computer));
  // A home that has the user's name, as it usually does.
  const home = join(world.sandbox.root, 'grace-hopper');
  mkdirSync(join(home, '.config'), { recursive: true });
  const text = await reportOf(world, 'names.md', {
    ...world.env,
    HOME: home,
    USER: 'grace-hopper',
    LOGNAME: 'grace-hopper',
    COMPUTERNAME: computer,
    TZ: 'UTC',
  });
  expect(
    findSecretsInText(
      text,
      Object.values(LOG_CANARIES).filter(({ length }) => length >= 8),
      'report',
    ),
  ).toEqual([]);
  for (const hidden of [...PEOPLE, ...Object.values(LOG_CANARIES)]) expect(text).not.toContain(hidden);
  expect(text).not.toContain(computer);
  const lines = text.split('\n').filter((line) => line.startsWith('    2026-11-29T10:00:0'));
  expect(lines[0]).toBe(
    "    2026-11-29T10:00:00.000Z [error] [custom-3p] running helper { helperPath: '~/bin/helper', args: (not shown) }",
  );
  expect(lines[3]).toContain('helper exited code=1 (elapsed=1ms stdoutBytes=0) stderr="… ERR_NETWORK_DNS AADSTS50173"');
  expect(lines).toHaveLength(9);
  // The search would have found them: they're in the log that the report reads.
  const log = readFileSync(file, 'utf8');
  for (const hidden of [...PEOPLE, ...Object.values(LOG_CANARIES), computer]) expect(log).toContain(hidden);
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
    /^ {4}Claude Desktop installed: /m,
    /^ {4}clock +-?\d+ s ahead of the sign-in host's/m,
    /^ {4}agent +process \d+, version /m,
    /^ {4}started +\S+Z, \d+\.\d h ago$/m,
    /^ {4}sign-in +signed-in$/m,
    /^ {4}token until +\S+Z$/m,
    /^ {4}nothing starts the agent at log-in$/m,
    /^ {4}https:\/\/login\.microsoftonline\.com goes through 127\.0\.0\.1:\d+: "proxy" in /m,
    /^ {4}trusted roots: .*, and those of /m,
    /^ {4}keystore: the agent has read or written its entry$/m,
    /^ {4}state +\S+ {2}700, this user's$/m,
    /^ {4}time zone +\S+$/m,
  ]) {
    expect(text).toMatch(part);
  }
  const { mode } = statSync(join(world.sandbox.root, 'report.md'));
  expect(mode & 0o777).toBe(0o600);
});

it("never replaces a file, and says where it can't write", async () => {
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
