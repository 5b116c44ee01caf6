// What `doctor` says if nothing is broken, and of what isn't a fault; faults.test.ts seeds the faults.
import { describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { Terminal } from '../../support/harness/terminal.ts';
import { binary, run, signIn, writeDesktopConfig } from '../support.ts';
import { doctor, inWorld, openQuestions, troubles } from './diagnosis.ts';
import { healthyProfile } from './faults/row.ts';

describe('doctor', () => {
  it('finds nothing if all is well, and spends no output token', async () => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      const { exitCode, stdout, stderr } = await run(world.env, 'doctor');
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/\nNo problems found \(25 checks\)\.\n$/);
      expect(
        stdout
          .split('\n')
          .slice(0, 20)
          .every((line) => line.startsWith('ok    ')),
      ).toBe(true);
      // No color and no moving parts outside a terminal.
      expect(stdout).not.toContain('\u001b');
      expect(world.foundry.count('messages')).toBe(0);
      // No one was asked to sign in but once, by signIn() itself.
      expect(world.sandbox.openedUrls()).toHaveLength(1);
    });
  });

  it('with --live has each deployment answer one message of one token', async () => {
    await inWorld({ models: ['claude-sonnet-5'] }, async (world) => {
      writeDesktopConfig(world, { ...healthyProfile, inferenceModels: ['claude-sonnet-5'] });
      await signIn(world);
      const { checks } = await doctor(world.env, '--live');
      expect(checks.find(({ id }) => id === 'deployment:claude-sonnet-5')).toMatchObject({
        state: 'ok',
        detail: "it's there and has answered a message",
      });
      expect(world.foundry.count('messages', 200)).toBe(1);
    });
  });

  it("tests only the address in Claude Desktop's profile", async () => {
    await inWorld({ config: { foundryResource: 'contoso-fuondry' } }, async (world) => {
      await signIn(world);
      const { checks } = await doctor(world.env);
      const ofFoundry = checks.filter(({ id }) => /^(foundry-|deployment:)/.test(id));
      expect(ofFoundry.map(({ id, state }) => `${state} ${id}`)).toEqual([
        'ok foundry-endpoint',
        'ok foundry-role',
        'ok deployment:claude-sonnet-5',
        'ok deployment:claude-opus-4-8',
      ]);
      expect(ofFoundry[0]?.facts).toMatchObject({ host: world.foundry.host, from: 'claude-desktop' });
      expect(world.proxy.hosts.join()).not.toContain('contoso-fuondry');
    });
  });

  it("tests this program's own address if Claude Desktop has no profile", async () => {
    await inWorld(undefined, async (world) => {
      writeDesktopConfig(world, { inferenceProvider: 'anthropic' });
      await signIn(world);
      const { checks } = await doctor(world.env);
      const endpoint = checks.find(({ id }) => id === 'foundry-endpoint');
      expect(endpoint).toMatchObject({ state: 'ok', facts: { host: world.foundry.host, from: 'own' } });
    });
  });

  it("says that it doesn't test a program on this computer", async () => {
    await inWorld(undefined, async (world) => {
      writeDesktopConfig(world, { ...healthyProfile, inferenceGatewayBaseUrl: 'http://127.0.0.1:4000' });
      await signIn(world);
      const { checks } = await doctor(world.env);
      expect(checks.find(({ id }) => id === 'foundry-endpoint')).toMatchObject({
        state: 'skip',
        detail: expect.stringContaining("127.0.0.1:4000, a program on this computer, which isn't tested"),
      });
      expect(world.foundry.requests).toEqual([]);
      expect(openQuestions({ ok: true, checks })).toEqual([
        'foundry-endpoint',
        'foundry-role',
        'deployment:claude-sonnet-5',
        'deployment:claude-opus-4-8',
      ]);
    });
  });

  it("finds no fault in settings that a server delivers, and says that it can't judge them", async () => {
    await inWorld(undefined, async (world) => {
      writeDesktopConfig(world, { bootstrapUrl: 'https://config.contoso.com/claude' });
      await signIn(world);
      const diagnosis = await doctor(world.env);
      expect(troubles(diagnosis)).toEqual([]);
      expect(openQuestions(diagnosis).toSorted()).toEqual([
        'desktop-header',
        'desktop-helper',
        'desktop-log',
        'desktop-profile',
        'token-lifetime',
      ]);
    });
  });

  it('says that device codes are blocked, and that the browser still works', async () => {
    await inWorld({ config: { signInMethod: 'browser' } }, async (world) => {
      world.entra.setFault('devicecode', { kind: 'aadsts', code: 530036 });
      const { checks } = await doctor(world.env);
      expect(checks.find(({ id }) => id === 'entra-application')).toMatchObject({
        state: 'ok',
        detail: expect.stringContaining('AADSTS530036'),
        facts: { deviceCode: false },
      });
    });
  });

  it('skips what a failed check would only repeat, naming the cause', async () => {
    await inWorld(undefined, async (world) => {
      world.proxy.mode = { refuse: 407 };
      const { exitCode, stdout } = await run(world.env, 'doctor');
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^FAIL {2}Proxy /m);
      expect(stdout).toMatch(/^skip {2}Deployment claude-sonnet-5 +"Proxy" failed$/m);
      expect(stdout).toMatch(
        /^1 problem: fix "Proxy" \(see above\), then run "foundry-credential-helper doctor" again\.$/m,
      );
    });
  });

  it('puts failures first in JSON, and the checks that they skip behind them', async () => {
    await inWorld(undefined, async (world) => {
      world.proxy.mode = { refuse: 407 };
      const { checks } = await doctor(world.env);
      const order = ['fail', 'warn', 'skip', 'ok'];
      const states = checks.map(({ state }) => state);
      expect(checks[0]).toMatchObject({ id: 'proxy', state: 'fail' });
      expect(states).toEqual(states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
    });
  });

  it.runIf(process.platform === 'linux')(
    'ends with the failure, its remedy, and what to do next on a narrow terminal, in whole words',
    async () => {
      await inWorld(undefined, async (world) => {
        world.proxy.mode = { refuse: 407 };
        const terminal = new Terminal(world, { columns: 44, rows: 120 });
        terminal.type(`'${binary}' doctor; echo "exit $?"`);
        await expect.poll(() => terminal.screen(), { timeout: 60_000 }).toContain('exit 1');
        const [, end = ''] = terminal.screen().split('\nFAIL  Proxy\n').slice(-2);
        const words = end.replaceAll(/\s+/g, ' ');
        expect(words).toContain('the proxy asks for credentials');
        expect(words).toMatch(/ remedy: .* 1 problem: fix "Proxy" \(see above\), then run /);
        expect(terminal.screen()).not.toContain('…');
      });
    },
  );

  it("doesn't believe NODE_TLS_REJECT_UNAUTHORIZED", async () => {
    await inWorld({ config: { caFile: undefined } }, async (world) => {
      const { checks } = await doctor({ ...world.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
      expect(checks.find(({ id }) => id === 'tls')).toMatchObject({ state: 'fail' });
    });
  });

  it('leaves the sign-in as it is', async () => {
    await inWorld(undefined, async (world) => {
      const { token } = await signIn(world);
      await doctor(world.env);
      const after = await runHelper(binary, { context: 'background', env: world.env });
      expect(after.token).toBe(token);
      expect(world.entra.count('refresh')).toBe(0);
    });
  });

  it('explains a code: exit 0 if it knows it, 1 if only Microsoft does, 2 for no code', async () => {
    const known = await run({}, 'doctor', '--explain', 'AADSTS7000218');
    expect(known).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Allow public client flows') });
    const unknown = await run({}, 'doctor', '--explain', '99999', '--json');
    expect(unknown.exitCode).toBe(1);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ version: 1, known: false });
    expect(await run({}, 'doctor', '--explain', 'nonsense')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
