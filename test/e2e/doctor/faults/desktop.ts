import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, writeDesktopConfig } from '../../support.ts';
import { profile, type SeededFault } from './row.ts';

export const desktopFaults: readonly SeededFault[] = [
  {
    fault: 'Claude Desktop has no profile',
    seed: (world) => {
      writeFileSync(join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary/_meta.json'), '{}');
      return undefined;
    },
    check: 'desktop-profile',
    state: 'warn',
    cause: /no configuration of Claude Desktop/,
    remedy: /config export/,
  },
  {
    fault: 'Claude Desktop uses a static key',
    seed: profile({ inferenceCredentialKind: 'static' }),
    check: 'desktop-profile',
    cause: /inferenceCredentialKind must be helper-script .*never runs the helper/,
    remedy: /set inferenceCredentialKind to helper-script/,
  },
  {
    fault: 'the helper path has arguments',
    seed: profile({ inferenceCredentialHelper: `${binary} --desktop` }),
    check: 'desktop-helper',
    cause: /has arguments after .*foundry-credential-helper;/,
    remedy: /the path only/,
  },
  {
    fault: 'the helper path leads nowhere',
    seed: profile({ inferenceCredentialHelper: '/opt/gone/foundry-credential-helper' }),
    check: 'desktop-helper',
    cause: /there's no such program: \/opt\/gone\/…/,
    remedy: /set inferenceCredentialHelper to/,
  },
  {
    fault: 'the helper path is another program',
    seed: (world) => {
      const other = join(world.sandbox.root, 'old-helper');
      copyFileSync('/bin/true', other);
      chmodSync(other, 0o755);
      return profile({ inferenceCredentialHelper: other })(world);
    },
    check: 'desktop-helper',
    cause: /old-helper, which isn't this program/,
    remedy: /set inferenceCredentialHelper to/,
  },
  {
    fault: 'Claude Desktop would send the token as a key',
    seed: profile({
      inferenceProvider: 'foundry',
      inferenceGatewayBaseUrl: undefined,
      inferenceGatewayAuthScheme: undefined,
      inferenceFoundryResource: 'contoso-foundry',
    }),
    check: 'desktop-header',
    cause:
      /sends the helper's value as "x-api-key"; the endpoint accepts an Entra token as "Authorization: Bearer" only/,
    remedy: /set inferenceProvider to gateway/,
  },
  {
    fault: 'the gateway address lacks its path',
    seed: profile({ inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com' }),
    check: 'desktop-profile',
    cause: /inferenceGatewayBaseUrl must end in \/anthropic/,
    remedy: /\/anthropic/,
  },
  {
    fault: 'the models are no JSON list',
    seed: profile({ inferenceModels: 'claude-sonnet-5,claude-opus-4-8' }),
    check: 'desktop-profile',
    cause: /inferenceModels must be a JSON list/,
    remedy: /write it as \["claude-sonnet-5"/,
  },
  {
    fault: 'Claude Desktop asks people to start over whenever its cache time runs out',
    seed: profile({ inferenceCredentialHelperSilentRefreshEnabled: false }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /inferenceCredentialHelperSilentRefreshEnabled is off/,
    remedy: /remove the key or set it to true/,
  },
  {
    fault: 'the local configuration is not JSON',
    seed: (world) => {
      writeDesktopConfig(world, {});
      const folder = join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary');
      writeFileSync(join(folder, '_meta.json'), '{');
      return undefined;
    },
    check: 'desktop-profile',
    cause: /Claude Desktop can't use .*_meta\.json: it is not valid JSON, line 1/,
    remedy: /apply the configuration again in Claude Desktop, or run "claude-desktop configure"/,
  },
  {
    fault: 'Claude Desktop keeps a token longer than it lives',
    seed: profile({ inferenceCredentialHelperTtlSec: '4500' }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /keeps a token for 4500 s .*may die after \d+ s/,
    remedy: /set inferenceCredentialHelperTtlSec to 900/,
  },
];
