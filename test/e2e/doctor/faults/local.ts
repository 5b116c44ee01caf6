import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { killAgent, run } from '../../support.ts';
import type { SeededFault } from './row.ts';

export const localFaults: readonly SeededFault[] = [
  {
    fault: 'the keystore is locked',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      await secretService?.lock();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is locked/,
    remedy: /unlock it/,
  },
  {
    fault: 'the keystore waits for an answer',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      secretService?.pause();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is waiting for your permission/,
    remedy: /answer the dialog/,
  },
  {
    fault: 'no keystore runs',
    signedIn: false,
    world: { secretService: 'absent' },
    check: 'keystore',
    cause: /no Secret Service is running/,
    remedy: /install and start a Secret Service/,
  },
  {
    fault: "a file stands where the agent's folder should be",
    signedIn: false,
    seed: ({ sandbox }) => {
      mkdirSync(dirname(sandbox.runtimeFolder), { recursive: true });
      writeFileSync(sandbox.runtimeFolder, '');
      return undefined;
    },
    check: 'folders',
    cause: /foundry-credential-helper is not a folder/,
    remedy: /the named path is yours.*delete it/,
  },
  {
    fault: 'the terminal has another tenant than the agent',
    world: { config: { tenantId: undefined } },
    signedIn: false,
    seed: async ({ entra, env }) => {
      await run({ ...env, AZURE_TENANT_ID: entra.tenantId }, 'agent', 'start');
      return { env: { AZURE_TENANT_ID: entra.tenantDomain } };
    },
    check: 'sign-in',
    cause: /it sees another configuration/,
    remedy: /config\.json instead of environment variables/,
  },
];
