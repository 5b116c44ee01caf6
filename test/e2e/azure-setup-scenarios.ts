// What deploy/azure/setup.sh and setup.ps1 both have to do, run whole against a local Azure.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AzKind, type AzureWorld, createAzureWorld, hasRealAz, type Run } from '../support/harness/azure-world.ts';
import { isLong, sample } from '../support/harness/long.ts';
import { type AzureServer, COGNITIVE_SERVICES, type Refusal } from '../support/servers/azure-server.ts';
import { run, worldForTest } from './support.ts';

const REDIRECT_URI = 'http://127.0.0.1/callback';
const LINUX_BROKER_URI = 'https://login.microsoftonline.com/common/oauth2/nativeclient';
const windowsBrokerUri = (clientId: unknown): string => `ms-appx-web://Microsoft.AAD.BrokerPlugin/${clientId}`;
const ROLE = 'a97b65f3-24c7-4388-baec-2e87135dc908';
const ACCOUNT = '/resourceGroups/rg-claude/providers/Microsoft.CognitiveServices/accounts/contoso-foundry';

export const BASICS = ['--resource-group', 'rg-claude', '--location', 'eastus2', '--resource', 'contoso-foundry'];
const SONNET = ['--model', 'claude-sonnet-5'];
const TERMS = ['--organization-name', 'Contoso "R\\D" & Söhne', '--industry', 'technology', '--country-code', 'US'];
export const SMALL = [...BASICS, ...SONNET, ...TERMS];
const PEOPLE = ['--assign-group', 'Claude users', '--assign-user', "ada.o'neil@contoso.com"];
const EVERYTHING = [...SMALL, '--model', 'claude-opus-4-8', '--app-name', "Ada's helper", '--admin-consent', ...PEOPLE];

/** In the order of the steps. */
const REFUSALS: readonly (Refusal & { readonly text: string })[] = [
  // No right to read the directory.
  {
    ...{ method: 'GET', path: /\/groups$/, status: 403, code: 'Authorization_RequestDenied' },
    text: "you don't have the permission",
  },
  // A fault of Azure.
  {
    ...{ method: 'PUT', path: /\/resourceGroups\/[^/]+$/, status: 500, code: 'InternalServerError' },
    text: 'continues where it stopped',
  },
  {
    ...{ method: 'PUT', path: /\/accounts\/[^/]+$/, status: 403, code: 'AuthorizationFailed' },
    text: "you don't have the permission",
  },
  // A name that was deleted lately.
  { method: 'PUT', path: /\/accounts\/[^/]+$/, status: 409, code: 'FlagMustBeSetForRestore', text: 'Purge it' },
  { method: 'PUT', path: /\/deployments\//, status: 400, code: 'InsufficientQuota', text: 'no quota is left' },
  {
    ...{ method: 'POST', path: /\/applications$/, status: 403, code: 'Authorization_RequestDenied' },
    text: 'Application Administrator',
  },
  {
    ...{ method: 'PUT', path: /\/roleAssignments\//i, status: 403, code: 'AuthorizationFailed' },
    text: 'Access Control Administrator',
  },
];

export interface SetupScript {
  /** File name, with which its errors begin. */
  readonly name: string;
  /** Runs it with the options of setup.sh. The second way is a different shell, if there is one. */
  run(world: AzureWorld, options: readonly string[], way?: 'second'): Promise<Run>;
  /** An option as this script's messages name it. */
  optionName(option: string): string;
  /** Its exit code if an option is missing. */
  readonly misuse: number;
  /** A run costs seconds, so the short form tries a sample of what it refuses. */
  readonly isSlow: boolean;
}

export async function azure(kind: AzKind, options?: { readonly signedIn?: boolean }): Promise<AzureWorld> {
  const world = await createAzureWorld(kind, options);
  onTestFinished(() => world.dispose());
  return world;
}

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
    let text = `${method} ${path} ${JSON.stringify(sorted(body))}`.replace(/(roleAssignments\/)[\w-]+/, '$1NAME');
    for (const [id, name] of names) text = text.replaceAll(id, name);
    return text;
  });
}

/** The same JSON, with the properties of every object in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const rows = Object.entries(value).map(([name, part]) => [name, sorted(part)] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const account = (server: AzureServer): Record<string, unknown> | undefined =>
  server.resources.get(`/subscriptions/${server.subscriptionId}${ACCOUNT}`.toLowerCase());

const kinds: readonly AzKind[] =
  process.env['LONG'] === '1' && hasRealAz ? ['recording az', 'real az'] : ['recording az'];

/** Declares the tests of a script. */
export function describeSetup(script: SetupScript): void {
  describe('with the real Azure CLI', () => {
    it.runIf(hasRealAz && isLong)('continues where another setup stopped, as with the recording one', async () => {
      const worlds = [await azure('recording az'), await azure('recording az')] as const;
      for (const world of worlds) {
        expect(await script.run(world, [...SMALL, '--admin-consent'])).toMatchObject({ exitCode: 0 });
        const { directory, resources } = world.server;
        directory.applications[0] = { ...directory.applications[0], publicClient: { redirectUris: [] } };
        directory.oauth2PermissionGrants.length = 0;
        for (const path of resources.keys()) if (path.includes('/deployments/')) resources.delete(path);
      }
      await worlds[1].use('real az');
      for (const world of worlds) {
        const args = [...SMALL, '--admin-consent', '--assign-group', 'Claude users'];
        expect(await script.run(world, args)).toMatchObject({ exitCode: 0 });
      }
      expect(changes(worlds[1].server)).toEqual(changes(worlds[0].server));
      expect(changes(worlds[1].server)).toHaveLength(10);
    });

    it.skipIf(hasRealAz)('is left out: install Debian’s package azure-cli (690 MB) to run it', (context) => {
      context.skip('no /usr/bin/az');
    });
  });

  // The real CLI needs half a second for each of twenty commands.
  describe.each(kinds)('the set-up with the %s', { timeout: 600_000 }, (kind) => describeWithAz(script, kind));
}

function describeWithAz(script: SetupScript, kind: AzKind): void {
  const itInShort = it.runIf(isLong || !script.isSlow);

  it('makes everything, in this order, and prints what config export takes', async () => {
    const world = await azure(kind);
    world.server.provisioning = ['Accepted', 'Creating'];
    world.server.unknownApplication = 2;
    const { exitCode, stdout, stderr } = await script.run(world, EVERYTHING);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: expect.stringContaining('not visible yet (attempt 2), waiting'),
    });
    await expect(changes(world.server).join('\n')).toMatchFileSnapshot('__snapshots__/azure-first-run.txt');
    // Twice for the resource and each deployment, and for the principal.
    expect(world.sleeps()).toEqual(Array(8).fill('5'));
    const [application] = world.server.directory.applications;
    expect(JSON.parse(stdout)).toEqual({
      tenantId: world.server.tenantId,
      clientId: application?.['appId'],
      foundryResource: 'contoso-foundry',
      models: ['claude-sonnet-5', 'claude-opus-4-8'],
      signInMethod: 'browser',
      organizationName: 'Contoso "R\\D" & Söhne',
    });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Done\. Save this output as answers\.json .* config\.json/);
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
    const planned = await script.run(world, [...EVERYTHING, '--what-if']);
    expect(planned).toMatchObject({ exitCode: 0, stdout: '' });
    expect(world.server.changes()).toEqual([]);
    await expect(planned.stderr.replace(/^subscription .*\n/m, '')).toMatchFileSnapshot(
      '__snapshots__/azure-what-if.txt',
    );
  });

  itInShort('finds on the second run that everything is there, in either shell and in other letters', async () => {
    const world = await azure(kind);
    expect(await script.run(world, EVERYTHING)).toMatchObject({ exitCode: 0 });
    const before = world.server.changes().length;
    const other = EVERYTHING.map((word) => (word === 'contoso-foundry' ? 'Contoso-Foundry' : word));
    const again = await script.run(world, other, 'second');
    await expect(again.stderr.replace(/^subscription .*\n/m, '')).toMatchFileSnapshot(
      '__snapshots__/azure-second-run.txt',
    );
    expect(again.exitCode).toBe(0);
    const planned = await script.run(world, [...EVERYTHING, '--what-if']);
    expect(planned.stderr).toContain('nothing was changed; changes to make: 0');
    // You don't accept terms for models that are already there.
    expect(await script.run(world, [...BASICS, ...SONNET, '--app-name', "Ada's helper"])).toMatchObject({
      exitCode: 0,
    });
    expect(world.server.changes()).toHaveLength(before);
  });

  itInShort('adds what is missing and leaves what else is there', async () => {
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
    const options = [...SMALL, '--admin-consent', '--keep-api-keys', '--sign-in-method', 'device-code'];
    const added = await script.run(world, options, 'second');
    const missing = `public client flows, redirect URI ${REDIRECT_URI}, permission user_impersonation`;
    expect(added).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`add to app registration "Foundry credential helper": ${missing}\n`),
    });
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
    expect(await script.run(world, [...SMALL, '--admin-consent'])).toMatchObject({ exitCode: 0 });
    expect(world.server.changes()).toHaveLength(before);
  });

  it('allows device codes only if asked to, adds that later, and never takes it back', async () => {
    const world = await azure(kind);
    const { directory } = world.server;
    const registration = () => directory.applications[0] as Record<string, unknown>;
    const publicClient = { redirectUris: [REDIRECT_URI] };
    const first = await script.run(world, SMALL);
    expect(JSON.parse(first.stdout)).toMatchObject({ signInMethod: 'browser' });
    expect(registration()).toMatchObject({ publicClient });
    expect(registration()).not.toHaveProperty('isFallbackPublicClient');

    const before = world.server.changes().length;
    const second = await script.run(world, [...SMALL, '--sign-in-method', 'device-code']);
    expect(JSON.parse(second.stdout)).toMatchObject({ signInMethod: 'device-code' });
    expect(second.stderr).toContain('add to app registration "Foundry credential helper": public client flows\n');
    expect(world.server.changes().slice(before)).toEqual([
      expect.objectContaining({ method: 'PATCH', body: { isFallbackPublicClient: true } }),
    ]);

    const third = await script.run(world, SMALL);
    expect(JSON.parse(third.stdout)).toMatchObject({ signInMethod: 'browser' });
    expect(third.stderr).toContain('public client flows stay on');
    expect(registration()).toMatchObject({ isFallbackPublicClient: true, publicClient });
    expect(world.server.changes()).toHaveLength(before + 1);
  });

  it('registers for both methods if device codes are asked for', async () => {
    const world = await azure(kind);
    expect(await script.run(world, [...SMALL, '--sign-in-method', 'device-code'])).toMatchObject({ exitCode: 0 });
    expect(world.server.directory.applications).toEqual([
      expect.objectContaining({ isFallbackPublicClient: true, publicClient: { redirectUris: [REDIRECT_URI] } }),
    ]);
  });

  it('registers for the system’s broker and for the browser, once, as soon as the registration can be changed', async () => {
    const world = await azure(kind);
    const { server } = world;
    server.unchangeableApplication = 2;
    const first = await script.run(world, [...SMALL, '--sign-in-method', 'broker']);
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('not visible yet (attempt 2)') });
    const [application = {}] = server.directory.applications;
    const redirectUris = [REDIRECT_URI, windowsBrokerUri(application['appId']), LINUX_BROKER_URI];
    expect(JSON.parse(first.stdout)).toMatchObject({ signInMethod: 'broker', clientId: application['appId'] });
    expect(application).toMatchObject({ isFallbackPublicClient: true, publicClient: { redirectUris } });
    const before = server.changes().length;
    const again = await script.run(world, [...SMALL, '--sign-in-method', 'broker'], 'second');
    expect(again).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('everything already exists; nothing was changed'),
    });
    expect(server.changes()).toHaveLength(before);
  });

  it('adds the redirect URIs of the broker to those of a registration, and keeps its first method', async () => {
    const world = await azure(kind);
    const { server } = world;
    expect(await script.run(world, SMALL)).toMatchObject({ exitCode: 0 });
    const registration = (): Record<string, unknown> => server.directory.applications[0] ?? {};
    Object.assign(registration(), { publicClient: { redirectUris: ['http://localhost', LINUX_BROKER_URI] } });
    const both = [...SMALL, '--sign-in-method', 'browser', '--sign-in-method', 'broker'];
    const planned = await script.run(world, [...both, '--what-if']);
    const uri = windowsBrokerUri(registration()['appId']);
    const missing = `public client flows, redirect URI ${REDIRECT_URI}, redirect URI ${uri}`;
    expect(planned.stderr).toContain(`would add to app registration "Foundry credential helper": ${missing}\n`);
    const added = await script.run(world, both, 'second');
    expect(added).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(missing) });
    expect(JSON.parse(added.stdout)).toMatchObject({ signInMethod: 'browser' });
    expect(registration()).toMatchObject({
      isFallbackPublicClient: true,
      publicClient: { redirectUris: ['http://localhost', LINUX_BROKER_URI, REDIRECT_URI, uri] },
    });
  });

  itInShort('plans the redirect URIs of the broker for a registration that doesn’t exist', async () => {
    const world = await azure(kind);
    const planned = await script.run(world, [...SMALL, '--sign-in-method', 'broker', '--what-if']);
    expect(planned).toMatchObject({ exitCode: 0, stdout: '' });
    const uris = `redirect URI ${windowsBrokerUri('CLIENT-ID')}, redirect URI ${LINUX_BROKER_URI}`;
    expect(planned.stderr).toContain(`would add to app registration "Foundry credential helper": ${uris}\n`);
    expect(world.server.changes()).toEqual([]);
  });

  itInShort('assigns the role by object id, and once', async () => {
    const world = await azure(kind);
    const [group] = world.server.directory.groups;
    const ids = ['--assign-group', String(group?.['id']), '--assign-group', 'Claude users'];
    expect(await script.run(world, [...SMALL, ...ids])).toMatchObject({ exitCode: 0 });
    const assignments = [...world.server.resources].filter(([path]) => path.includes('/roleassignments/'));
    expect(assignments.map(([, { properties }]) => properties)).toEqual([
      expect.objectContaining({
        principalId: group?.['id'],
        principalType: 'Group',
        roleDefinitionId: expect.stringMatching(new RegExp(`/${ROLE}$`)),
      }),
    ]);
  });

  it('stops at every refusal, says what to do, and continues from there', async () => {
    const world = await azure(kind);
    const { server } = world;
    const args = [...SMALL, '--assign-group', 'Claude users'];
    const refusals = script.isSlow ? sample(REFUSALS, 7) : REFUSALS;
    for (const { text, ...refusal } of refusals) {
      server.refusal = refusal;
      const stopped = await script.run(world, args);
      expect(stopped).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(refusal.code) });
      const pattern = new RegExp(`^${script.name.replace('.', '\\.')}: .*${text}`);
      expect(stopped.stderr.trimEnd().split('\n').at(-1)).toMatch(pattern);
    }
    server.refusal = undefined;
    expect(await script.run(world, args)).toMatchObject({ exitCode: 0 });
    expect(server.directory.applications).toHaveLength(1);
    const done = changes(server).filter((change) => !change.includes('roleAssignments'));
    // Each was refused once, and the real CLI repeats a request that failed with 500.
    expect(new Set(done).size).toBe(5);
  });

  it("stops if Azure can't create the resource", async () => {
    const world = await azure(kind);
    world.server.provisioning = ['Creating', 'Failed'];
    const stopped = await script.run(world, SMALL);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('Azure reports Failed') });
    expect(world.server.directory.applications).toEqual([]);
  });

  const misuses: readonly (readonly [string, (server: AzureServer) => void, readonly string[], number, RegExp])[] = [
    ['no terms for a model', () => undefined, [...BASICS, ...SONNET], script.misuse, /needs --organization-name/],
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
      [...SMALL, '--assign-group', 'Claude users', '--assign-group', 'Nobody'],
      1,
      /no group named "Nobody" in this tenant/,
    ],
    [
      'an unknown user',
      () => undefined,
      [...SMALL, '--assign-user', 'nobody@contoso.com'],
      1,
      /no user named "nobody@contoso\.com" in this tenant/,
    ],
    [
      'two groups of one name',
      ({ directory }) => directory.groups.push({ id: randomUUID(), displayName: 'Claude users' }),
      [...SMALL, '--assign-group', 'Claude users'],
      1,
      /2 groups are named "Claude users" in this tenant; use the object ID/,
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
      /with kind OpenAI; Claude needs kind AIServices/,
    ],
    [
      'a resource without a subdomain',
      (server) => existing(server, { kind: 'AIServices' }),
      SMALL,
      1,
      /no custom subdomain/,
    ],
  ];

  it.each(script.isSlow ? sample(misuses, 3) : misuses)('refuses %s', async (_, prepare, args, exitCode, text) => {
    const world = await azure(kind);
    prepare(world.server);
    const stderr = expect.stringMatching(inWordsOf(script, text));
    expect(await script.run(world, args)).toEqual({ exitCode, stdout: '', stderr });
    // Only Azure's answer to a request for a new resource can say that a region doesn't offer a model.
    const isSeenLate = args.includes('claude-9');
    expect(world.server.changes()).toHaveLength(isSeenLate ? 2 : 0);
  });

  it("says that you're not signed in to the CLI", async () => {
    const world = await azure(kind, { signedIn: false });
    const refused = await script.run(world, SMALL);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('run "az login"') });
    expect(world.server.requests).toEqual([]);
  });
}

/** The pattern with the names that the script's options have. */
function inWordsOf(script: SetupScript, pattern: RegExp): RegExp {
  return new RegExp(pattern.source.replaceAll(/--[a-z-]+/g, (option) => script.optionName(option)));
}

function existing(server: AzureServer, resource: Record<string, unknown>): void {
  const group = `/subscriptions/${server.subscriptionId}/resourcegroups/rg-claude`;
  server.resources.set(group, { location: 'eastus2' });
  const path = `/subscriptions/${server.subscriptionId}${ACCOUNT}`.toLowerCase();
  server.resources.set(path, { name: 'contoso-foundry', properties: {}, ...resource });
}
