import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEtcFolder } from '../../../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../../../support/harness/mount-namespace.ts';
import type { World } from '../../../support/harness/world.ts';
import { binary, killAgent } from '../../support.ts';
import {
  command,
  editConfig,
  editProfile,
  healthyProfile,
  inTurn,
  library,
  profile,
  profileFile,
  type Seeded,
  type SeededFault,
} from './row.ts';

/** What most remedies about the helper's path ask for. */
const setPath = editProfile({ inferenceCredentialHelper: binary });
const SET_PATH = /set inferenceCredentialHelper to \/.*\/foundry-credential-helper, the path only/;

const KEEP_900 = /set inferenceCredentialHelperTtlSec to 900/;
const setTtl = editProfile({ inferenceCredentialHelperTtlSec: 900 });

const configureDesktop = command('claude-desktop', 'configure');
const CONFIGURE = /^run "foundry-credential-helper claude-desktop configure"/;

/** The remedy for a local file that can't be used. */
const replaceFile = (file: (world: World) => string) =>
  inTurn((world) => void rmSync(file(world)), command('claude-desktop', 'configure', '--force'));
const REPLACE_FILE =
  /correct that file, or delete it and run "foundry-credential-helper claude-desktop configure --force"/;

const metaFile = (world: World): string => join(library(world), '_meta.json');

const otherProgram =
  (text: string | undefined) =>
  (world: World): undefined => {
    const other = join(world.sandbox.root, 'old-helper');
    if (text === undefined) copyFileSync('/bin/true', other);
    else writeFileSync(other, text);
    chmodSync(other, 0o755);
    return profile({ inferenceCredentialHelper: other })(world);
  };

const managedFile = (world: World): string => join(world.sandbox.root, 'etc/claude-desktop/managed-settings.json');

/** An admin's file counts in place of the user's configuration. */
const managed =
  (settings: object | string) =>
  async (world: World): Promise<Seeded> => {
    // The agent must see that /etc too.
    await killAgent(world.env);
    const etc = createEtcFolder(world.sandbox.root);
    mkdirSync(join(world.sandbox.root, 'etc/claude-desktop'), { mode: 0o755 });
    const text = typeof settings === 'string' ? settings : JSON.stringify(settings);
    writeFileSync(managedFile(world), text, { mode: 0o644 });
    return { seenBy: etc.seenBy };
  };

const profileFaults: readonly SeededFault[] = [
  {
    fault: 'Claude Desktop has no profile',
    seed: (world) => void writeFileSync(metaFile(world), '{}'),
    check: 'desktop-profile',
    state: 'warn',
    cause: /no configuration of Claude Desktop/,
    remedy: CONFIGURE,
    repair: configureDesktop,
  },
  {
    fault: "the list of local configurations isn't JSON",
    seed: (world) => void writeFileSync(metaFile(world), '{'),
    check: 'desktop-profile',
    cause: /Claude Desktop can't use .*_meta\.json: it isn't valid JSON, line 1/,
    remedy: REPLACE_FILE,
    repair: replaceFile(metaFile),
  },
  {
    fault: 'the local configuration is cut off',
    seed: (world) => void writeFileSync(profileFile(world), '{"inferenceProvider":"gate'),
    check: 'desktop-profile',
    cause: /Claude Desktop can't use .*\.json: it isn't valid JSON/,
    remedy: REPLACE_FILE,
    repair: replaceFile(profileFile),
  },
  {
    fault: 'the local configuration begins with a byte order mark',
    seed: (world) => void writeFileSync(profileFile(world), `\ufeff${JSON.stringify(healthyProfile)}`),
    check: 'desktop-profile',
    cause: /Claude Desktop can't use .*\.json: it isn't UTF-8 without a byte order mark/,
    remedy: REPLACE_FILE,
    repair: (world) => void writeFileSync(profileFile(world), JSON.stringify(healthyProfile)),
  },
  {
    fault: 'the applied configuration is gone',
    seed: (world) => void rmSync(profileFile(world)),
    check: 'desktop-profile',
    cause: /it doesn't exist, but _meta\.json names it/,
    remedy: /run "foundry-credential-helper claude-desktop configure --force"/,
    repair: command('claude-desktop', 'configure', '--force'),
  },
  {
    fault: "an admin's file with other settings outranks the user's",
    runIf: canUnshareMounts,
    seed: managed({ disableDeploymentModeChooser: true }),
    check: 'desktop-profile',
    cause:
      /^\/etc\/claude-desktop\/managed-settings\.json holds no inference settings.*\/etc\/claude-desktop\/managed-settings\.json is what counts, and .*\/configLibrary\/.*\.json is ignored$/,
    remedy:
      /have your IT department add what "foundry-credential-helper config export FOLDER" writes to it, or remove it/,
    repair: (world, seeded) => {
      writeFileSync(managedFile(world), JSON.stringify({ disableDeploymentModeChooser: true, ...healthyProfile }));
      return seeded;
    },
  },
  {
    fault: "an admin's file is wrong, and the user's would be right",
    runIf: canUnshareMounts,
    seed: managed({ ...healthyProfile, inferenceModels: undefined }),
    check: 'desktop-profile',
    cause:
      /^inferenceModels must be set.*; \/etc\/claude-desktop\/managed-settings\.json is what counts, and .* is ignored$/,
    remedy: /set inferenceModels to the deployment names as one JSON list/,
    repair: (world, seeded) => {
      writeFileSync(managedFile(world), JSON.stringify(healthyProfile));
      return seeded;
    },
  },
  {
    fault: "an admin's file begins with a byte order mark",
    runIf: canUnshareMounts,
    seed: managed(`\ufeff${JSON.stringify(healthyProfile)}`),
    check: 'desktop-profile',
    cause:
      /^Claude Desktop can't use \/etc\/claude-desktop\/managed-settings\.json: it isn't UTF-8 without a byte order mark/,
    remedy: /^make it valid JSON in UTF-8 without a byte order mark, in a plain file that root owns/,
    repair: (world, seeded) => {
      writeFileSync(managedFile(world), JSON.stringify(healthyProfile));
      return seeded;
    },
  },
  {
    fault: 'a key is in the file twice',
    seed: (world) => {
      const text = JSON.stringify(healthyProfile, undefined, 2);
      writeFileSync(profileFile(world), text.replace('{', '{"inferenceCredentialHelperTtlSec":300,'));
    },
    check: 'desktop-profile',
    state: 'warn',
    cause: /^inferenceCredentialHelperTtlSec, lines 1 and 8 is in the file twice; the last one counts$/,
    remedy: /^remove all but one$/,
    repair: editProfile({ inferenceCredentialHelperTtlSec: 900 }),
  },
  {
    fault: "this program's settings lead to another resource",
    seed: editConfig({ foundryResource: 'contoso-other' }),
    check: 'desktop-profile',
    state: 'warn',
    cause:
      /^Claude Desktop calls contoso-foundry\.services\.ai\.azure\.com, but the settings of this program lead to contoso-other\./,
    remedy: /^set "baseUrl" or "foundryResource" to what Claude Desktop calls/,
    repair: editConfig({ foundryResource: 'contoso-foundry' }),
  },
  {
    fault: 'Claude Desktop uses a static key',
    seed: profile({ inferenceCredentialKind: 'static' }),
    check: 'desktop-profile',
    cause: /inferenceCredentialKind must be helper-script .*never runs the helper/,
    remedy: /set inferenceCredentialKind to helper-script/,
    repair: editProfile({ inferenceCredentialKind: 'helper-script' }),
  },
  {
    fault: 'there is a second credential source',
    seed: profile({ inferenceGatewayApiKey: 'canary-key' }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /^inferenceGatewayApiKey is a second credential source next to the helper$/,
    remedy: /^remove this key/,
    repair: editProfile({ inferenceGatewayApiKey: undefined }),
  },
  {
    fault: 'the gateway address lacks its path',
    seed: profile({ inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com' }),
    check: 'desktop-profile',
    cause: /^inferenceGatewayBaseUrl must end in \/anthropic [^;]*$/,
    remedy: /\/anthropic/,
    repair: editProfile({ inferenceGatewayBaseUrl: healthyProfile.inferenceGatewayBaseUrl }),
  },
  {
    fault: 'the gateway address is plain http',
    seed: profile({ inferenceGatewayBaseUrl: 'http://contoso-foundry.services.ai.azure.com/anthropic' }),
    check: 'desktop-profile',
    cause: /^inferenceGatewayBaseUrl must be an https:\/\/ URL: Claude Desktop refuses plain http$/,
    remedy: /set it to https:\/\/<resource>\.services\.ai\.azure\.com\/anthropic/,
    repair: editProfile({ inferenceGatewayBaseUrl: healthyProfile.inferenceGatewayBaseUrl }),
  },
  {
    fault: 'the models are no JSON list',
    seed: profile({ inferenceModels: 'claude-sonnet-5,claude-opus-4-8' }),
    check: 'desktop-profile',
    cause: /inferenceModels must be a JSON list/,
    remedy: /write it as \["claude-sonnet-5"/,
    repair: editProfile({ inferenceModels: '["claude-sonnet-5","claude-opus-4-8"]' }),
  },
  {
    fault: 'the models are missing',
    seed: profile({ inferenceModels: undefined }),
    check: 'desktop-profile',
    cause: /^inferenceModels must be set: Foundry has no list of models to discover$/,
    remedy: /set inferenceModels to the deployment names as one JSON list/,
    repair: editProfile({ inferenceModels: ['claude-sonnet-5', 'claude-opus-4-8'] }),
  },
  {
    fault: 'the cache time is text',
    seed: profile({ inferenceCredentialHelperTtlSec: '15 min' }),
    check: 'desktop-profile',
    cause: /^inferenceCredentialHelperTtlSec must be a whole number in decimal digits$/,
    remedy: /write digits only, such as 900/,
    repair: setTtl,
  },
  {
    fault: 'the cache time is 0',
    seed: profile({ inferenceCredentialHelperTtlSec: 0 }),
    check: 'desktop-profile',
    cause: /^inferenceCredentialHelperTtlSec must be at least 1$/,
    remedy: /use a number within the range/,
    repair: setTtl,
  },
  {
    fault: 'the profile has a key that Claude Desktop refuses by now',
    seed: profile({ inferenceGatewayHeaders: { 'X-Department': 'Research' } }),
    check: 'desktop-profile',
    cause: /^inferenceGatewayHeaders is refused by Claude Desktop since 2026-10-07$/,
    remedy: /^use its new name "inferenceCustomHeaders"$/,
    repair: editProfile({
      inferenceGatewayHeaders: undefined,
      inferenceCustomHeaders: { 'X-Department': 'Research' },
    }),
  },
  {
    fault: 'the profile is for a version with keys that nobody knows here',
    seed: profile({ inferenceSomethingNew: true }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /^inferenceSomethingNew isn't a key of Claude Desktop that this program knows/,
    remedy: /correct the name or remove it; newer versions of Claude Desktop may have keys/,
    repair: editProfile({ inferenceSomethingNew: undefined }),
  },
  {
    fault: 'a key is misspelled',
    seed: profile({ inferenceCredentialHelperTimeoutSec: undefined, inferenceCredentialHelperTimeoutSeconds: 600 }),
    check: 'desktop-profile',
    state: 'warn',
    cause:
      /did you mean "inferenceCredentialHelperTimeoutSec"\?.*inferenceCredentialHelperTimeoutSec must be at least 300/,
    remedy: /use the exact name/,
    repair: editProfile({
      inferenceCredentialHelperTimeoutSec: 600,
      inferenceCredentialHelperTimeoutSeconds: undefined,
    }),
  },
  {
    fault: 'Claude Desktop ends the helper in the middle of a sign-in',
    seed: profile({ inferenceCredentialHelperTimeoutSec: 30 }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /^inferenceCredentialHelperTimeoutSec must be at least 300 seconds/,
    remedy: /^set inferenceCredentialHelperTimeoutSec to 600$/,
    repair: editProfile({ inferenceCredentialHelperTimeoutSec: 600 }),
  },
  {
    fault: 'Claude Desktop asks people to start over whenever its cache time runs out',
    seed: profile({ inferenceCredentialHelperSilentRefreshEnabled: false }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /inferenceCredentialHelperSilentRefreshEnabled is off/,
    remedy: /remove the key or set it to true/,
    repair: editProfile({ inferenceCredentialHelperSilentRefreshEnabled: undefined }),
  },
];

const helperFaults: readonly SeededFault[] = [
  {
    fault: 'the helper path has arguments',
    seed: profile({ inferenceCredentialHelper: `${binary} --desktop` }),
    check: 'desktop-helper',
    cause: /has arguments after .*foundry-credential-helper;/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper path is in quotation marks',
    seed: profile({ inferenceCredentialHelper: `"${binary}"` }),
    check: 'desktop-helper',
    cause: /^inferenceCredentialHelper must not be in quotation marks/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: "the helper path begins with the user's home as ~",
    seed: profile({ inferenceCredentialHelper: '~/bin/foundry-credential-helper' }),
    check: 'desktop-helper',
    cause: /^inferenceCredentialHelper must not begin with ~, which isn't expanded$/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper path is missing',
    seed: profile({ inferenceCredentialHelper: undefined }),
    check: 'desktop-helper',
    cause: /^inferenceCredentialHelper must be set if inferenceCredentialKind is helper-script$/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper path leads nowhere',
    seed: profile({ inferenceCredentialHelper: '/opt/gone/foundry-credential-helper' }),
    check: 'desktop-helper',
    cause: /there's no such program: \/opt\/gone\/…/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper may not be executed',
    // root may execute a file only if someone may.
    seed: (world) => {
      otherProgram(undefined)(world);
      chmodSync(join(world.sandbox.root, 'old-helper'), 0o644);
    },
    check: 'desktop-helper',
    cause: /^this user may not execute \/.*\/old-helper$/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper path is another program',
    seed: otherProgram(undefined),
    check: 'desktop-helper',
    cause: /old-helper, which isn't this program/,
    remedy: SET_PATH,
    repair: setPath,
  },
  {
    fault: 'the helper path is a script',
    seed: otherProgram('#!/bin/sh\naz account get-access-token --query accessToken --output tsv\n'),
    check: 'desktop-helper',
    state: 'warn',
    cause: /old-helper, which isn't this program/,
    remedy: SET_PATH,
    repair: setPath,
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
    remedy: /set inferenceProvider to gateway, inferenceGatewayBaseUrl to .*, and inferenceGatewayAuthScheme to bearer/,
    repair: editProfile({
      inferenceProvider: 'gateway',
      inferenceGatewayBaseUrl: healthyProfile.inferenceGatewayBaseUrl,
      inferenceGatewayAuthScheme: 'bearer',
    }),
  },
  {
    fault: 'Claude Desktop keeps a token longer than it lives',
    seed: profile({ inferenceCredentialHelperTtlSec: '4500' }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /keeps a token for 4500 s .*may die after \d+ s/,
    remedy: KEEP_900,
    repair: setTtl,
  },
  {
    fault: 'Claude Desktop keeps a token for a day',
    seed: profile({ inferenceCredentialHelperTtlSec: 86_400 }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /keeps a token for 86400 s .*may die after \d+ s/,
    remedy: KEEP_900,
    repair: setTtl,
  },
  {
    fault: 'Claude Desktop keeps a token as long as many live',
    seed: profile({ inferenceCredentialHelperTtlSec: undefined }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /^inferenceCredentialHelperTtlSec must be at most 2880 seconds \(default 3600\)/,
    remedy: KEEP_900,
    repair: setTtl,
  },
  {
    fault: 'Claude Desktop keeps a token too short to renew it before a turn',
    seed: profile({ inferenceCredentialHelperTtlSec: 60 }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /^inferenceCredentialHelperTtlSec must be more than 120 seconds/,
    remedy: KEEP_900,
    repair: setTtl,
  },
];

export const desktopFaults: readonly SeededFault[] = [...profileFaults, ...helperFaults];
