// Faults that show only where the agent is, or only in the terminal, and an agent that says nothing.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { World } from '../../../support/harness/world.ts';
import { agentProcess, run, signIn, writeDesktopConfig } from '../../support.ts';
import { healthyProfile, type SeededFault, UNKNOWN_ID } from './row.ts';

type Environment = Readonly<Record<string, string>>;

const DEAD_PROXY = 'http://127.0.0.1:9';

/** The agent runs in another session than the terminal, after a change of `config.json`. */
async function agentElsewhere(world: World, config: object, env: Environment = {}): Promise<void> {
  await run(world.env, 'agent', 'stop');
  world.sandbox.writeConfig({ ...world.config, ...config });
  expect(await run({ ...world.env, ...env }, 'agent', 'start')).toMatchObject({ exitCode: 0 });
}

/** So that no test depends on what a direct connection meets: Claude Desktop's proxy, which counts without another. */
function desktopProxy(world: World, address: string): void {
  writeDesktopConfig(world, { ...healthyProfile, egressProxyUrl: address });
}

/** "put … into config.json" */
const putIntoFile =
  (config: (world: World) => object): NonNullable<SeededFault['repair']> =>
  (world) => {
    world.sandbox.writeConfig({ ...world.config, ...config(world) });
    return undefined;
  };

const stopAgent: NonNullable<SeededFault['repair']> = async ({ env }) => {
  expect(await run(env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
  return undefined;
};

export const vantageFaults: readonly SeededFault[] = [
  {
    fault: 'the agent hangs',
    seed: (world) => {
      process.kill(agentProcess(world), 'SIGSTOP');
      return undefined;
    },
    check: 'agent',
    cause: /the agent didn't answer: process \d+ on /,
    remedy: /run "foundry-credential-helper agent stop"/,
    repair: stopAgent,
  },
  {
    fault: 'only the terminal has the proxy in a variable',
    seed: async (world) => {
      desktopProxy(world, DEAD_PROXY);
      await agentElsewhere(world, { proxy: undefined });
      return { env: { HTTPS_PROXY: world.proxy.url } };
    },
    check: 'proxy',
    cause:
      /^for the agent, .*127\.0\.0\.1:9.*; in this terminal, the same connection works: "proxy" is not set for the agent and http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) in this terminal$/,
    remedy: /^put "proxy" into config\.json instead of environment variables$/,
    repair: putIntoFile(({ proxy }) => ({ proxy: proxy.url })),
  },
  {
    fault: 'only the agent has a proxy in a variable, and it does not run',
    seed: async (world) => {
      desktopProxy(world, world.proxy.url);
      await agentElsewhere(world, { proxy: undefined }, { HTTPS_PROXY: DEAD_PROXY });
      return undefined;
    },
    check: 'proxy',
    cause:
      /in this terminal, the same connection works: "proxy" is http:\/\/127\.0\.0\.1:9 \(HTTPS_PROXY\) for the agent and not set in this terminal$/,
    remedy:
      /^remove HTTPS_PROXY from the environment that the agent is started with, then run "foundry-credential-helper agent stop"$/,
    repair: stopAgent,
  },
  {
    fault: "only the terminal has the network's root certificate in a variable",
    seed: async (world) => {
      await agentElsewhere(world, { caFile: undefined });
      return { env: { NODE_EXTRA_CA_CERTS: world.caFile } };
    },
    check: 'tls',
    cause:
      /for the agent, .*not trusted.*works: "caFile" is not set for the agent and .*ca\.pem \(NODE_EXTRA_CA_CERTS\) in this terminal/,
    remedy: /^put "caFile" into config\.json/,
    repair: putIntoFile(({ caFile }) => ({ caFile })),
  },
  {
    fault: 'only the terminal has the tenant',
    seed: async (world) => {
      await agentElsewhere(world, { tenantId: undefined });
      return { env: { AZURE_TENANT_ID: world.entra.tenantId } };
    },
    check: 'configuration',
    cause: /"tenantId" can be set .*"tenantId" is not set for the agent and .* \(AZURE_TENANT_ID\) in this terminal/,
    remedy: /^put "tenantId" into config\.json/,
    repair: putIntoFile(({ entra }) => ({ tenantId: entra.tenantId })),
  },
  {
    fault: 'the agent works for another tenant than the terminal names',
    seed: async (world) => {
      await agentElsewhere(world, { tenantId: undefined }, { AZURE_TENANT_ID: world.entra.tenantId });
      return { env: { AZURE_TENANT_ID: UNKNOWN_ID } };
    },
    check: 'sign-in',
    state: 'warn',
    cause:
      /^you're signed in; .*"tenantId" is .* \(AZURE_TENANT_ID\) for the agent and 0+-1111-.* \(AZURE_TENANT_ID\) in/,
    remedy: /^put "tenantId" into config\.json instead of environment variables$/,
    repair: putIntoFile(({ entra }) => ({ tenantId: entra.tenantId })),
  },
  {
    fault: 'the terminal has another config.json',
    seed: (world) => {
      const file = join(world.sandbox.root, 'other.json');
      writeFileSync(file, JSON.stringify({ ...world.config, clientId: UNKNOWN_ID }), { mode: 0o600 });
      return { env: { FOUNDRY_CREDENTIAL_HELPER_CONFIG: file } };
    },
    check: 'sign-in',
    state: 'warn',
    cause: /config\.json is .*config\.json for the agent and .*other\.json in this terminal; "clientId" is /,
    remedy: /unset or set FOUNDRY_CREDENTIAL_HELPER_CONFIG/,
    repair: () => ({ env: {} }),
  },
  {
    fault: 'the agent works with API keys, and the terminal with tokens',
    signedIn: false,
    seed: async (world) => {
      const file = join(world.sandbox.root, 'other.json');
      writeFileSync(file, JSON.stringify(world.config), { mode: 0o600 });
      await agentElsewhere(world, { credential: 'api-key' });
      return { env: { FOUNDRY_CREDENTIAL_HELPER_CONFIG: file } };
    },
    check: 'api-key',
    cause: /no API key is stored.*config\.json is .*config\.json for the agent and .*other\.json in this terminal/,
    remedy: /unset or set FOUNDRY_CREDENTIAL_HELPER_CONFIG.*then run "foundry-credential-helper agent stop"/,
    repair: async (world, seeded) => {
      const env = { ...world.env, ...seeded?.env };
      expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
      expect(await signIn({ ...world, env })).toMatchObject({ state: 'ok' });
      return undefined;
    },
  },
];
