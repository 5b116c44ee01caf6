// A policy that closes what it leaves out, followed by the compiled binary. /etc is a copy that only its processes see.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type HelperResult, runHelper } from '../support/harness/claude-desktop.ts';
import { createEtcFolder, type EtcFolder } from '../support/harness/etc-folder.ts';
import { sample } from '../support/harness/long.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import type { World } from '../support/harness/world.ts';
import { createCertificateAuthority } from '../support/servers/certificate-authority.ts';
import { startSquid } from '../support/servers/squid.ts';
import { startAgent, stopAgent, writeFile } from './network/support.ts';
import { binary, type Run, runWithInput, signIn, worldForTest } from './support.ts';

const POLICY = '/etc/foundry-credential-helper/policy.json';

interface Place {
  readonly world: World;
  readonly etc: EtcFolder;
  /** What the admin sets: all that this world needs. */
  readonly policy: Readonly<Record<string, unknown>>;
  run(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Run>;
  runWith(input: string, ...args: string[]): Promise<Run>;
  /** What a helper says that asks a new agent, which has to refresh. */
  refresh(env?: Readonly<Record<string, string>>): Promise<HelperResult>;
  helper(): Promise<HelperResult>;
}

let place: Place;
beforeEach(async () => {
  if (canUnshareMounts) place = await signedInPlace();
});

async function signedInPlace(): Promise<Place> {
  const world = await worldForTest();
  await signIn(world);
  await stopAgent(world);
  const etc = createEtcFolder(world.sandbox.root);
  const helper = () => runHelper(binary, { context: 'background', env: world.env });
  return {
    world,
    etc,
    policy: world.config,
    run: (env, ...args) => runWithInput({ ...world.env, ...env }, '', etc.seenBy([binary, ...args])),
    runWith: (input, ...args) => runWithInput(world.env, input, etc.seenBy([binary, ...args])),
    async refresh(env = {}) {
      await stopAgent(world);
      // No back-off from the failure before.
      rmSync(join(world.sandbox.stateFolder, 'agent.json'), { force: true });
      await startAgent(world, env, etc.seenBy([]));
      return helper();
    },
    helper,
  };
}

/** A network whose proxy opens TLS. Its root is trusted only by those who are told to. */
async function inspectingNetwork({ world }: Place) {
  const squid = await startSquid({ parentPort: world.proxy.port, inspect: { trustedRoot: world.ca.pem } });
  onTestFinished(() => squid.dispose());
  return { proxy: `http://127.0.0.1:${squid.port}`, rootFile: writeFile(world, 'inspection.pem', squid.root ?? '') };
}

/** A proxy that is reached over TLS, and the root of its certificate. */
async function tlsProxy({ world }: Place) {
  const ca = await createCertificateAuthority('Proxy Root CA');
  const server = createServer(await ca.issue(['localhost']), (client) => {
    const inner = connect(world.proxy.port, '127.0.0.1');
    for (const socket of [client, inner]) socket.on('error', () => client.destroy() && inner.destroy());
    client.pipe(inner).pipe(client);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { proxy: `https://localhost:${port}`, rootFile: writeFile(world, 'proxy-root.pem', ca.pem) };
}

describe.runIf(canUnshareMounts)('with policyOnly, a user controls nothing', () => {
  const steering = {
    AZURE_TENANT_ID: 'evil.example',
    AZURE_CLIENT_ID: '99999999-9999-9999-9999-999999999999',
    HTTPS_PROXY: 'http://127.0.0.1:9',
    https_proxy: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    ALL_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '*',
    no_proxy: '*',
    NODE_USE_ENV_PROXY: '1',
  };

  it.each([
    ['by a config.json', {}],
    ['by a config.json that FOUNDRY_CREDENTIAL_HELPER_CONFIG names', { FOUNDRY_CREDENTIAL_HELPER_CONFIG: '{file}' }],
    ['by variables', steering],
  ])('%s', async (_, variables) => {
    const { world, etc, policy } = place;
    etc.writePolicy({ ...policy, policyOnly: true });
    const bad = { ...identityOf(steering), proxy: 'http://127.0.0.1:9', cloud: 'china', scope: 'api://x/.default' };
    world.sandbox.writeConfig(bad);
    const file = writeFile(world, 'other.json', JSON.stringify(bad));
    const env = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replace('{file}', file)]),
    );
    expect(await place.refresh(env)).toMatchObject({ state: 'ok' });
    const { stdout } = await place.run(env, 'config', 'show', '--json');
    for (const { key, origin, overrides } of JSON.parse(stdout).settings) {
      expect([key, origin?.kind ?? 'default', overrides]).toEqual([key, expect.stringMatching(/managed|default/), []]);
    }
  });

  it('even if an agent already runs: it follows from the next request on', async () => {
    const { world, etc, policy } = place;
    world.sandbox.writeConfig({ ...world.config, outputFormat: 'json', headers: { 'X-User': 'yes' } });
    expect(await place.refresh()).toMatchObject({ state: 'ok', headers: { 'X-User': 'yes' } });
    etc.writePolicy({ ...policy, policyOnly: true });
    const closed = await place.helper();
    expect(closed).toMatchObject({ state: 'ok', stdout: expect.not.stringContaining('X-User') });
    // A file that can't be read is ignored, too.
    writeFile(world, 'broken', '');
    world.sandbox.writeConfig({ tenantId: 7 });
    expect(await place.helper()).toMatchObject({ state: 'ok' });
    etc.writePolicy(policy);
    expect(await place.helper()).toMatchObject({ state: 'ok' });
    etc.removePolicy();
    expect(await place.helper()).toMatchObject({ exitCode: 3, stdout: '' });
  });

  it('by the environment of anyone who started the agent', async () => {
    const { world, etc, policy } = place;
    const { proxy: _, tenantId: __, ...rest } = world.config as Record<string, unknown>;
    world.sandbox.writeConfig(rest);
    await startAgent(world, steering, etc.seenBy([]));
    expect(await place.helper()).toMatchObject({ state: 'failed' });
    etc.writePolicy({ ...policy, policyOnly: true });
    expect(await place.helper()).toMatchObject({ state: 'ok' });
  });
});

const identityOf = ({ AZURE_TENANT_ID, AZURE_CLIENT_ID }: Readonly<Record<string, string>>) => ({
  tenantId: AZURE_TENANT_ID,
  clientId: AZURE_CLIENT_ID,
});

describe.runIf(canUnshareMounts)('with policyOnly, a root counts only if policy or the system names it', () => {
  const variables = [
    ['NODE_EXTRA_CA_CERTS', (file: string) => ({ NODE_EXTRA_CA_CERTS: file })],
    ['SSL_CERT_FILE', (file: string) => ({ SSL_CERT_FILE: file })],
    ['SSL_CERT_FILE with NODE_USE_SYSTEM_CA', (file: string) => ({ SSL_CERT_FILE: file, NODE_USE_SYSTEM_CA: '1' })],
    ['NODE_OPTIONS', (file: string) => ({ SSL_CERT_FILE: file, NODE_OPTIONS: '--use-openssl-ca --use-system-ca' })],
  ] as const;

  it.each(sample(variables, 4))('not %s, from the start or from the next request on', async (_, variablesFor) => {
    const { etc, policy } = place;
    const { proxy, rootFile } = await inspectingNetwork(place);
    const env = variablesFor(rootFile);
    // The attack works without it, so the test can fail.
    etc.writePolicy({ ...policy, proxy });
    expect(await place.refresh(env)).toMatchObject({ state: 'ok' });
    etc.writePolicy({ ...policy, proxy, policyOnly: true });
    expect(await place.helper()).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('ERR_NETWORK_TLS') });
    expect(await place.refresh(env)).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('ERR_NETWORK_TLS') });
    const doctor = await place.run(env, 'doctor', '--json');
    expect(JSON.parse(doctor.stdout).checks).toContainEqual(expect.objectContaining({ id: 'tls', state: 'fail' }));
    etc.writePolicy({ ...policy, proxy, policyOnly: true, caFile: rootFile });
    expect(await place.refresh(env)).toMatchObject({ state: 'ok' });
  });

  it('not NODE_EXTRA_CA_CERTS for the proxy itself', async () => {
    const { etc, policy } = place;
    const { proxy, rootFile } = await tlsProxy(place);
    const env = { NODE_EXTRA_CA_CERTS: rootFile };
    etc.writePolicy({ ...policy, proxy });
    expect(await place.refresh(env)).toMatchObject({ state: 'ok' });
    etc.writePolicy({ ...policy, proxy, policyOnly: true });
    expect(await place.helper()).toMatchObject({ exitCode: 7 });
    expect(await place.refresh(env)).toMatchObject({ exitCode: 7 });
  });
});

describe.runIf(canUnshareMounts)('the commands with policyOnly', () => {
  it('config show lists each ignored value and source', async () => {
    const { world, etc, policy } = place;
    etc.writePolicy({ ...policy, policyOnly: true });
    world.sandbox.writeConfig({ cloud: 'china', headers: { 'X-Key': 's3cret' } });
    const env = { HTTPS_PROXY: 'http://ada:s3cret@proxy.example:8080' };
    const { exitCode, stdout, stderr } = await place.run(env, 'config', 'show');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const file = world.sandbox.configFile;
    expect(stdout).toMatch(new RegExp(`^cloud +public +default\n +china +${file}, ignored: policyOnly$`, 'm'));
    expect(stdout).toMatch(/^ +http:\/\/\(hidden\)@proxy\.example:8080 +HTTPS_PROXY, ignored: policyOnly$/m);
    expect(stdout).toMatch(new RegExp(`^ {2}your file +${file}: ignored: policyOnly$`, 'm'));
    expect(stdout).toMatch(/^ {2}environment +environment variables: ignored: policyOnly$/m);
    expect(stdout).not.toMatch(/s3cret|ada/);
  });

  it('config validate, doctor, and report name what is ignored, and find nothing wrong', async () => {
    const { world, etc, policy } = place;
    etc.writePolicy({ ...policy, policyOnly: true });
    world.sandbox.writeConfig({ cloud: 'moon', later: 1, accountHint: 'ada@contoso.com' });
    const validated = await place.run({}, 'config', 'validate');
    expect(validated).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/note: managed-only {2}cloud\n +is ignored: policyOnly/),
    });
    expect(validated.stdout).not.toMatch(/later|error:|warning:/);
    const doctor = JSON.parse((await place.run({}, 'doctor', '--json')).stdout);
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({
        id: 'configuration',
        state: 'ok',
        detail: expect.stringContaining(`ignored: policyOnly: "cloud" in ${world.sandbox.configFile}`),
      }),
    );
    const report = join(world.sandbox.root, 'report.md');
    await place.run({}, 'report', report);
    const text = readFileSync(report, 'utf8');
    expect(text).toMatch(/\(invalid\) {2}from \S+config\.json, ignored: policyOnly/);
    expect(text).toMatch(/\(set\) {2}from \S+config\.json, ignored: policyOnly/);
    expect(text).not.toContain('ada@contoso.com');
  });

  it("config init doesn't write a file that would be ignored", async () => {
    const { etc, policy, world } = place;
    etc.writePolicy({ ...policy, policyOnly: true });
    const before = readFileSync(world.sandbox.configFile, 'utf8');
    expect(await place.runWith('yes\n', 'config', 'init')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(
        `error[ERR_POLICY_ONLY]: your organization manages all settings of this program: ${POLICY}`,
      ),
    });
    expect(readFileSync(world.sandbox.configFile, 'utf8')).toBe(before);
  });
});

describe.runIf(canUnshareMounts)('next to any policy, only the policy can allow the token endpoint', () => {
  it.each([
    ['that is empty', {}],
    ['that sets something else', { organizationName: 'Contoso' }],
  ])('%s: a user’s value is ignored, and shown as such', async (_, policy) => {
    const { world, etc } = place;
    const mark = join(world.sandbox.root, 'started');
    world.sandbox.writeConfig({ ...world.config, allowTokenEndpoint: true });
    await place.refresh();
    expect(await place.run({}, 'exec', '--', 'true')).toMatchObject({ exitCode: 0 });
    etc.writePolicy(policy);
    expect(await place.run({}, 'exec', '--', 'touch', mark)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('ERR_ENDPOINT_OFF'),
    });
    expect(existsSync(mark)).toBe(false);
    expect((await place.run({}, 'config', 'show')).stdout).toMatch(
      /^allowTokenEndpoint +false +default\n +true +\S+config\.json, ignored: only policy can set it$/m,
    );
    const doctor = JSON.parse((await place.run({}, 'doctor', '--json')).stdout);
    expect(doctor.checks).toContainEqual(
      expect.objectContaining({
        id: 'configuration',
        state: 'warn',
        detail: expect.stringMatching(/"allowTokenEndpoint" in \S+config\.json is ignored: only policy can set it/),
      }),
    );
    etc.writePolicy({ ...policy, allowTokenEndpoint: true });
    expect(await place.run({}, 'exec', '--', 'true')).toMatchObject({ exitCode: 0 });
  });
});
