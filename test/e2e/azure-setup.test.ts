// scripts/azure/setup.sh in bash and zsh, run whole against a local Azure: with a recording `az`, and with the real Azure
// CLI (Debian's package azure-cli) where that is installed. LONG=1 runs every test with the real one too.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../scripts/bundle.ts';
import { type AzKind, type AzureWorld, createAzureWorld, hasRealAz, type Run } from '../harness/azure-world.ts';
import { type AzureServer, COGNITIVE_SERVICES } from '../servers/azure-server.ts';
import { run, worldForTest } from './support.ts';

const SCRIPT = join(projectFolder, 'scripts/azure/setup.sh');
const REDIRECT_URI = 'http://127.0.0.1/callback';
const ROLE = 'a97b65f3-24c7-4388-baec-2e87135dc908';
const ACCOUNT = '/resourceGroups/rg-claude/providers/Microsoft.CognitiveServices/accounts/contoso-foundry';

const BASICS = ['--resource-group', 'rg-claude', '--location', 'eastus2', '--resource', 'contoso-foundry'];
const SONNET = ['--model', 'claude-sonnet-5'];
const TERMS = ['--organization-name', 'Contoso "R\\D" & Söhne', '--industry', 'technology', '--country-code', 'US'];
const SMALL = [...BASICS, ...SONNET, ...TERMS];
const PEOPLE = ['--assign-group', 'Claude users', '--assign-user', "ada.o'neil@contoso.com"];
const EVERYTHING = [...SMALL, '--model', 'claude-opus-4-8', '--app-name', "Ada's helper", '--admin-consent', ...PEOPLE];

async function azure(kind: AzKind, options?: { readonly signedIn?: boolean }): Promise<AzureWorld> {
  const world = await createAzureWorld(kind, options);
  onTestFinished(() => world.dispose());
  return world;
}

const setUp = ({ run: start }: AzureWorld, args: readonly string[], shell = 'bash'): Promise<Run> =>
  start(`/bin/${shell}`, [SCRIPT, ...args]);

/** What the server was asked to change, with names in place of ids that are new in each world. */
function changes(server: AzureServer): readonly string[] {
  const { tenantId, subscriptionId, directory } = server;
  const names = new Map([
    [tenantId, 'TENANT'],
    [subscriptionId, 'SUBSCRIPTION'],
  ]);
  for (const [collection, objects] of Object.entries(directory)) {
    for (const [index, { id, appId }] of objects.entries()) {
      names.set(String(id), `${collection}-${index}`);
      if (appId !== undefined && appId !== COGNITIVE_SERVICES) names.set(String(appId), `application-${index}`);
    }
  }
  return server.changes().map(({ method, path, body }) => {
    // An assignment's name is made of ids.
    let text = `${method} ${path} ${JSON.stringify(body)}`.replace(/(roleAssignments\/)[\w-]+/, '$1NAME');
    for (const [id, name] of names) text = text.replaceAll(id, name);
    return text;
  });
}

const account = (server: AzureServer): Record<string, unknown> | undefined =>
  server.resources.get(`/subscriptions/${server.subscriptionId}${ACCOUNT}`.toLowerCase());

const kinds: readonly AzKind[] =
  process.env['LONG'] === '1' && hasRealAz ? ['recording az', 'real az'] : ['recording az'];

describe('with the real Azure CLI', () => {
  it.runIf(hasRealAz)('goes on from where another set-up stopped, as with the recording one', async () => {
    const worlds = [await azure('recording az'), await azure('recording az')] as const;
    for (const world of worlds) {
      expect(await setUp(world, [...SMALL, '--admin-consent'])).toMatchObject({ exitCode: 0 });
      const { directory, resources } = world.server;
      directory.applications[0] = { ...directory.applications[0], isFallbackPublicClient: false };
      directory.oauth2PermissionGrants.length = 0;
      for (const path of resources.keys()) if (path.includes('/deployments/')) resources.delete(path);
    }
    await worlds[1].use('real az');
    for (const world of worlds) {
      const args = [...SMALL, '--admin-consent', '--assign-group', 'Claude users'];
      expect(await setUp(world, args)).toMatchObject({ exitCode: 0 });
    }
    expect(changes(worlds[1].server)).toEqual(changes(worlds[0].server));
    expect(changes(worlds[1].server)).toHaveLength(10);
  });

  it.skipIf(hasRealAz)('is left out: install Debian’s package azure-cli (690 MB) to run it', (context) => {
    context.skip('no /usr/bin/az');
  });
});

// The real CLI needs half a second for each of twenty commands.
describe.each(kinds)('the set-up with the %s', { timeout: 600_000 }, (kind) => {
  it('makes everything, in this order, and prints what config export takes', async () => {
    const world = await azure(kind);
    world.server.provisioning = ['Accepted', 'Creating'];
    world.server.unknownApplication = 2;
    const { exitCode, stdout, stderr } = await setUp(world, EVERYTHING);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('not yet (try 2), waiting') });
    await expect(changes(world.server).join('\n')).toMatchFileSnapshot('__snapshots__/azure-first-run.txt');
    // Twice for the resource and each deployment, and for the principal.
    expect(world.sleeps()).toEqual(Array(8).fill('5'));
    const [application] = world.server.directory.applications;
    expect(JSON.parse(stdout)).toEqual({
      tenantId: world.server.tenantId,
      clientId: application?.['appId'],
      foundryResource: 'contoso-foundry',
      models: ['claude-sonnet-5', 'claude-opus-4-8'],
    });
    const user = await worldForTest();
    const answers = join(user.sandbox.root, 'answers.json');
    writeFileSync(answers, stdout);
    const out = join(user.sandbox.root, 'out');
    expect(await run(user.env, 'config', 'export', out, '--answers', answers)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(out, 'linux/foundry-credential-helper/policy.json'), 'utf8')).toContain(
      String(application?.['appId']),
    );
  });

  it('says with --what-if what it would do, and does nothing', async () => {
    const world = await azure(kind);
    const planned = await setUp(world, [...EVERYTHING, '--what-if']);
    expect(planned).toMatchObject({ exitCode: 0, stdout: '' });
    expect(world.server.changes()).toEqual([]);
    await expect(planned.stderr.replace(/^subscription .*\n/m, '')).toMatchFileSnapshot(
      '__snapshots__/azure-what-if.txt',
    );
  });

  it('finds on the second run that everything is there, also in zsh and in other letters', async () => {
    const world = await azure(kind);
    expect(await setUp(world, EVERYTHING)).toMatchObject({ exitCode: 0 });
    const before = world.server.changes().length;
    const other = EVERYTHING.map((word) => (word === 'contoso-foundry' ? 'Contoso-Foundry' : word));
    const again = await setUp(world, other, 'zsh');
    await expect(again.stderr.replace(/^subscription .*\n/m, '')).toMatchFileSnapshot(
      '__snapshots__/azure-second-run.txt',
    );
    expect(again.exitCode).toBe(0);
    const planned = await setUp(world, [...EVERYTHING, '--what-if']);
    expect(planned.stderr).toContain('nothing was changed; to do: 0');
    // What is there needs no terms.
    expect(await setUp(world, [...BASICS, ...SONNET, '--app-name', "Ada's helper"])).toMatchObject({ exitCode: 0 });
    expect(world.server.changes()).toHaveLength(before);
  });

  it('adds what is missing and leaves what else is there', async () => {
    const world = await azure(kind);
    const { directory } = world.server;
    const [service] = directory.servicePrincipals;
    directory.applications.push({
      id: 'object-1',
      appId: 'client-1',
      displayName: 'Foundry credential helper',
      isFallbackPublicClient: null,
      publicClient: { redirectUris: ['http://localhost'] },
      requiredResourceAccess: [
        { resourceAppId: 'graph', resourceAccess: [{ id: 'openid', type: 'Scope' }] },
        { resourceAppId: COGNITIVE_SERVICES, resourceAccess: [{ id: 'else', type: 'Scope' }] },
      ],
    });
    directory.servicePrincipals.push({ id: 'principal-1', appId: 'client-1' });
    directory.oauth2PermissionGrants.push(
      { id: 'grant-0', clientId: 'principal-1', resourceId: 'other', consentType: 'AllPrincipals', scope: 'x' },
      {
        id: 'grant-1',
        clientId: 'principal-1',
        resourceId: service?.['id'],
        consentType: 'AllPrincipals',
        scope: 'something_else',
      },
    );
    const added = await setUp(world, [...SMALL, '--admin-consent', '--keep-api-keys'], 'zsh');
    expect(added).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('complete app registration') });
    expect(directory.applications).toHaveLength(1);
    expect(directory.applications[0]).toMatchObject({
      isFallbackPublicClient: true,
      publicClient: { redirectUris: ['http://localhost', REDIRECT_URI] },
      requiredResourceAccess: [
        { resourceAppId: 'graph', resourceAccess: [{ id: 'openid', type: 'Scope' }] },
        {
          resourceAppId: COGNITIVE_SERVICES,
          resourceAccess: [
            { id: 'else', type: 'Scope' },
            { id: '5f1e8914-a52b-429f-9324-91b92b81adaf', type: 'Scope' },
          ],
        },
      ],
    });
    expect(directory.servicePrincipals).toHaveLength(2);
    expect(directory.oauth2PermissionGrants.map(({ scope }) => scope)).toEqual([
      'x',
      'something_else user_impersonation',
    ]);
    expect(account(world.server)).toMatchObject({ properties: { disableLocalAuth: false } });
    const before = world.server.changes().length;
    expect(await setUp(world, [...SMALL, '--admin-consent'])).toMatchObject({ exitCode: 0 });
    expect(world.server.changes()).toHaveLength(before);
  });

  it('assigns the role by object id, and once', async () => {
    const world = await azure(kind);
    const [group] = world.server.directory.groups;
    const ids = ['--assign-group', String(group?.['id']), '--assign-group', 'Claude users'];
    expect(await setUp(world, [...SMALL, ...ids])).toMatchObject({ exitCode: 0 });
    const assignments = [...world.server.resources].filter(([path]) => path.includes('/roleassignments/'));
    expect(assignments.map(([, { properties }]) => properties)).toEqual([
      expect.objectContaining({
        principalId: group?.['id'],
        principalType: 'Group',
        roleDefinitionId: expect.stringMatching(new RegExp(`/${ROLE}$`)),
      }),
    ]);
  });

  it.each([
    ['no right to deploy', 'PUT', /\/accounts\/[^/]+$/, 403, 'AuthorizationFailed', 'you lack a right'],
    [
      'no right to register',
      'POST',
      /\/applications$/,
      403,
      'Authorization_RequestDenied',
      'Application Administrator',
    ],
    ['no right to assign', 'PUT', /\/roleAssignments\//i, 403, 'AuthorizationFailed', 'Access Control Administrator'],
    ['no right to read the directory', 'GET', /\/groups$/, 403, 'Authorization_RequestDenied', 'you lack a right'],
    ['no quota', 'PUT', /\/deployments\//, 400, 'InsufficientQuota', 'no quota is left'],
    ['a name that was deleted lately', 'PUT', /\/accounts\/[^/]+$/, 409, 'FlagMustBeSetForRestore', 'Purge it'],
    ['a fault of Azure', 'PUT', /\/resourceGroups\/[^/]+$/, 500, 'InternalServerError', 'goes on where it stopped'],
  ])('stops at %s with what to do, and goes on from there', async (_, method, path, status, code, text) => {
    const world = await azure(kind);
    const args = [...SMALL, '--assign-group', 'Claude users'];
    world.server.refusal = { method, path, status, code };
    const stopped = await setUp(world, args);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '' });
    // The real CLI repeats a request that failed with 500.
    expect(stopped.stderr).toContain(code);
    expect(stopped.stderr.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^setup\\.sh: .*${text}`));
    world.server.refusal = undefined;
    expect(await setUp(world, args)).toMatchObject({ exitCode: 0 });
    expect(world.server.directory.applications).toHaveLength(1);
  });

  it('stops when Azure cannot make the resource', async () => {
    const world = await azure(kind);
    world.server.provisioning = ['Creating', 'Failed'];
    const stopped = await setUp(world, SMALL);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('Azure reports Failed') });
    expect(world.server.directory.applications).toEqual([]);
  });

  it.each<[string, (server: AzureServer) => void, readonly string[], number, RegExp]>([
    ['no terms for a model', () => undefined, [...BASICS, ...SONNET], 2, /needs --organization-name/],
    [
      'an unknown model',
      () => undefined,
      [...BASICS, '--model', 'claude-9', ...TERMS],
      1,
      /no Claude model "claude-9" in eastus2/,
    ],
    [
      'an unknown group',
      () => undefined,
      [...SMALL, '--assign-group', 'Nobody'],
      1,
      /0 entries of groups are named "Nobody"/,
    ],
    [
      'an unknown subscription',
      () => undefined,
      [...SMALL, '--subscription', 'Fabrikam'],
      1,
      /Fabrikam[\s\S]*check --subscription/,
    ],
    [
      'two registrations of one name',
      ({ directory }) => directory.applications.push({ displayName: 'Twice' }, { displayName: 'Twice' }),
      [...SMALL, '--app-name', 'Twice'],
      1,
      /2 app registrations are named "Twice"/,
    ],
    [
      'a resource of another kind',
      (server) => existing(server, { kind: 'OpenAI' }),
      SMALL,
      1,
      /of kind OpenAI; Claude needs kind AIServices/,
    ],
    [
      'a resource without a subdomain',
      (server) => existing(server, { kind: 'AIServices' }),
      SMALL,
      1,
      /no custom subdomain/,
    ],
  ])('refuses %s', async (_, prepare, args, exitCode, text) => {
    const world = await azure(kind);
    prepare(world.server);
    expect(await setUp(world, args)).toEqual({ exitCode, stdout: '', stderr: expect.stringMatching(text) });
  });

  it('says that nobody is signed in to the CLI', async () => {
    const world = await azure(kind, { signedIn: false });
    const refused = await setUp(world, SMALL);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('run "az login"') });
    expect(world.server.requests).toEqual([]);
  });
});

function existing(server: AzureServer, resource: Record<string, unknown>): void {
  const group = `/subscriptions/${server.subscriptionId}/resourcegroups/rg-claude`;
  server.resources.set(group, { location: 'eastus2' });
  const path = `/subscriptions/${server.subscriptionId}${ACCOUNT}`.toLowerCase();
  server.resources.set(path, { name: 'contoso-foundry', properties: {}, ...resource });
}

it('every command block of docs/azure-setup.md for a shell does what the page says', async () => {
  const page = readFileSync(join(projectFolder, 'docs/azure-setup.md'), 'utf8');
  const [look, make, ...more] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  expect(more).toEqual([]);
  const world = await azure('recording az');
  const looked = await world.run('/bin/bash', ['-c', look ?? '']);
  expect(looked).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringContaining('nothing was changed; to do: 8'),
  });
  expect(world.server.changes()).toEqual([]);
  expect(await world.run('/bin/bash', ['-ec', make ?? ''])).toMatchObject({ exitCode: 0 });
  expect(world.server.changes()).toHaveLength(8);
  expect(existsSync(join(world.root, 'rollout/linux/foundry-credential-helper/policy.json'))).toBe(true);
});

describe('the command line', () => {
  it('says that the CLI is missing', async () => {
    const world = await azure('no az');
    const refused = await setUp(world, SMALL);
    expect(refused).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'setup.sh: the Azure CLI is missing: https://aka.ms/azure-cli\n',
    });
  });

  it('is explained by --help', async () => {
    const world = await azure('no az');
    for (const shell of ['bash', 'zsh']) {
      const help = await setUp(world, ['--help'], shell);
      expect(help).toMatchObject({ exitCode: 0, stderr: '' });
      const known = [...readFileSync(SCRIPT, 'utf8').matchAll(/^ {4,6}(--[a-z-]+)(?: \| -h)?\) /gm)].map(
        ([, name]) => name,
      );
      expect(known).toHaveLength(16);
      for (const name of known.filter((name) => name !== '--help')) expect(help.stdout).toContain(`\n  ${name} `);
    }
  });

  it.each([
    [[], '--resource-group is needed'],
    [BASICS, '--model is needed'],
    [[...SMALL, '--capacity', '0'], '--capacity: "0" is not valid'],
    [[...SMALL, '--country-code', 'usa'], '--country-code: "usa" is not valid'],
    [[...SMALL, '--app-name', 'two\nlines'], '--app-name: "two\nlines" is not valid'],
    [[...SMALL, '--resource', "x' || '1"], '--resource: "x\' || \'1" is not valid'],
    [[...SMALL, '--modle', 'x'], 'unknown option: --modle'],
    [[...SMALL, '--model'], '--model needs a value'],
    [[...SMALL, 'more'], 'unknown argument: more'],
  ])('%j is refused with exit 2', async (args, text) => {
    const world = await azure('no az');
    for (const shell of ['bash', 'zsh']) {
      const refused = await setUp(world, args, shell);
      expect(refused).toEqual({ exitCode: 2, stdout: '', stderr: `setup.sh: ${text}\nsee setup.sh --help\n` });
    }
  });
});
