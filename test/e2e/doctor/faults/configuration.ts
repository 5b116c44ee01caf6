import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { waitForAgentsLook } from '../../../support/harness/agents-look.ts';
import type { World } from '../../../support/harness/world.ts';
import { killAgent, run } from '../../support.ts';
import { configure, editConfig, type SeededFault } from './row.ts';

/** Edits the text of config.json. */
const edit =
  (change: (text: string) => string) =>
  ({ sandbox }: World): undefined => {
    writeFileSync(sandbox.configFile, change(readFileSync(sandbox.configFile, 'utf8')), { mode: 0o600 });
    waitForAgentsLook();
    return undefined;
  };

/** Writes config.json as it was, also if nothing is now. */
const writeAnew = configure({});

/** `caFile` names this file, which `make` may write. */
const caFile =
  (make: (world: World, file: string) => void) =>
  (world: World): undefined => {
    const file = join(world.sandbox.root, 'ca.crt');
    make(world, file);
    return configure({ caFile: file })(world);
  };

const derOf = ({ ca }: World): Buffer => Buffer.from(ca.pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');

/** Root may read every file. */
const isRoot = process.getuid?.() === 0;

const NOT_READ = /^this program's settings can't be read: .*config\.json /;
const REPAIR_FILE = /(repair|fix) .*file/;

export const configurationFaults: readonly SeededFault[] = [
  {
    fault: 'a setting is misspelled',
    seed: configure({ tenantID: 'contoso.com' }),
    check: 'configuration',
    state: 'warn',
    cause: /^unknown setting "tenantID" in .*; did you mean "tenantId"\?$/,
    remedy: /^remove it or correct its name, or update this program$/,
    repair: editConfig({ tenantID: undefined }),
  },
  {
    fault: 'a required setting is misspelled',
    seed: edit((text) => text.replace('"clientId"', '"clientid"')),
    check: 'configuration',
    cause: /"clientId" can be set .*unknown setting "clientid" in .*did you mean "clientId"/,
    remedy: /remove it or correct its name/,
    repair: edit((text) => text.replace('"clientid"', '"clientId"')),
  },
  {
    fault: 'a setting breaks its rule',
    seed: configure({ clientId: 'contoso' }),
    check: 'configuration',
    cause: /"clientId" in .*config\.json must be the GUID/,
    remedy: /correct the value where it's set/,
    repair: (world) => editConfig({ clientId: world.config['clientId'] })(world),
  },
  {
    fault: "a template's placeholder is left in",
    seed: configure({ tenantId: '<tenant>' }),
    check: 'configuration',
    cause: /"tenantId" in .*config\.json must be the GUID of a tenant or one of its verified domain names/,
    remedy: /correct the value where it's set/,
    repair: (world) => editConfig({ tenantId: world.config['tenantId'] })(world),
  },
  {
    fault: 'the client id is missing',
    seed: configure({ clientId: undefined }),
    check: 'configuration',
    cause: /"clientId" can be set/,
    remedy: /ask your IT department/,
    repair: (world) => editConfig({ clientId: world.config['clientId'] })(world),
  },
  {
    fault: 'a user sets what only a policy may set',
    seed: configure({ policyOnly: true }),
    check: 'configuration',
    state: 'warn',
    cause: /"policyOnly" in .*config\.json is ignored: only policy can set it/,
    remedy: /^remove it, or ask the IT department to set it in the policy$/,
    repair: editConfig({ policyOnly: undefined }),
  },
  {
    fault: 'a comma is left over in config.json',
    seed: edit((text) => text.replace(/\n\}\s*$/, ',\n}\n')),
    check: 'configuration',
    cause: /config\.json isn't valid JSON, line \d+, column \d+: /,
    remedy: REPAIR_FILE,
    repair: edit((text) => text.replace(/,\n\}/, '\n}')),
  },
  {
    fault: 'a folder is in the place of config.json',
    seed: ({ sandbox }) => {
      rmSync(sandbox.configFile);
      mkdirSync(sandbox.configFile);
      return undefined;
    },
    check: 'configuration',
    cause: /config\.json isn't a regular file/,
    remedy: REPAIR_FILE,
    repair: (world) => {
      rmdirSync(world.sandbox.configFile);
      return writeAnew(world);
    },
  },
  {
    fault: 'config.json is a link to itself',
    seed: ({ sandbox }) => {
      rmSync(sandbox.configFile);
      symlinkSync('config.json', sandbox.configFile);
      return undefined;
    },
    check: 'configuration',
    cause: /config\.json can't be opened \(ELOOP\)/,
    remedy: REPAIR_FILE,
    repair: (world) => {
      unlinkSync(world.sandbox.configFile);
      return writeAnew(world);
    },
  },
  {
    fault: 'config.json is a link to a file that was deleted',
    seed: ({ sandbox }) => {
      rmSync(sandbox.configFile);
      symlinkSync('../dotfiles/config.json', sandbox.configFile);
      return undefined;
    },
    check: 'configuration',
    cause: /config\.json is a link to a file that doesn't exist/,
    remedy: REPAIR_FILE,
    repair: (world) => {
      mkdirSync(join(dirname(world.sandbox.configFile), '../dotfiles'), { mode: 0o700 });
      return writeAnew(world);
    },
  },
  {
    fault: 'others may write to config.json',
    seed: ({ sandbox }) => {
      chmodSync(sandbox.configFile, 0o666);
      return undefined;
    },
    check: 'configuration',
    cause: /config\.json is writable by others \(everyone\): run chmod go-w \S+config\.json$/,
    remedy: REPAIR_FILE,
    repair: ({ sandbox }) => {
      execFileSync('chmod', ['go-w', sandbox.configFile]);
      return undefined;
    },
  },
  {
    fault: 'the named file with the settings was moved',
    seed: async ({ env, sandbox }) => {
      await killAgent(env);
      return { env: { FOUNDRY_CREDENTIAL_HELPER_CONFIG: join(sandbox.root, 'moved.json') } };
    },
    check: 'configuration',
    cause: /moved\.json doesn't exist, but FOUNDRY_CREDENTIAL_HELPER_CONFIG names it/,
    remedy: REPAIR_FILE,
    repair: ({ sandbox, config }) => {
      writeFileSync(join(sandbox.root, 'moved.json'), JSON.stringify(config), { mode: 0o600 });
      return undefined;
    },
  },
  {
    fault: 'the home folder was moved without the settings',
    seed: async ({ env, sandbox }) => {
      await killAgent(env);
      const home = join(sandbox.root, 'new-home');
      mkdirSync(join(home, '.config'), { recursive: true, mode: 0o700 });
      execFileSync('cp', ['-r', join(env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p'), join(home, '.config')]);
      const unset = { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', XDG_CACHE_HOME: '', XDG_DATA_HOME: '' };
      return { env: { HOME: home, ...unset } };
    },
    check: 'configuration',
    cause: /a required setting is missing: .*new-home\/\.config\/foundry-credential-helper\/config\.json/,
    remedy: /^ask your IT department to set it, or run "foundry-credential-helper config init" to set it yourself$/,
    repair: async ({ env, config }, seeded) => {
      const { stdout } = await run({ ...env, ...seeded?.env }, 'config', 'show', '--json');
      const sources = JSON.parse(stdout).sources as readonly { readonly kind: string; readonly location: string }[];
      const file = sources.find(({ kind }) => kind === 'user-file')?.location ?? '';
      mkdirSync(dirname(file), { mode: 0o700 });
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
      return undefined;
    },
  },
  {
    fault: 'the file with the roots is missing',
    seed: caFile(() => undefined),
    check: 'tls',
    cause: /"caFile" \S+ca\.crt \(ENOENT\): correct "caFile", or put a file there that you can read$/,
    remedy: REPAIR_FILE,
    repair: writeAnew,
  },
  {
    fault: 'the file with the roots is in binary form',
    seed: caFile((world, file) => writeFileSync(file, derOf(world))),
    check: 'tls',
    cause: /holds no PEM certificate: .*\(DER\); convert it: openssl x509 -inform DER -in FILE -out FILE\.pem$/,
    remedy: /correct the value where it's set/,
    repair: ({ sandbox, config }) => {
      const file = join(sandbox.root, 'ca.crt');
      execFileSync('openssl', ['x509', '-inform', 'DER', '-in', file, '-out', `${file}.pem`]);
      sandbox.writeConfig({ ...config, caFile: `${file}.pem` });
      return undefined;
    },
  },
  {
    fault: 'config.json cannot be read',
    runIf: !isRoot,
    seed: ({ sandbox }) => {
      chmodSync(sandbox.configFile, 0);
      return undefined;
    },
    check: 'configuration',
    cause: NOT_READ,
    remedy: REPAIR_FILE,
    repair: ({ sandbox }) => {
      chmodSync(sandbox.configFile, 0o600);
      return undefined;
    },
  },
  {
    fault: 'the file with the roots cannot be read',
    runIf: !isRoot,
    seed: caFile(({ ca }, file) => writeFileSync(file, ca.pem, { mode: 0 })),
    check: 'tls',
    cause: /"caFile" \S+ca\.crt \(EACCES\): correct "caFile", or put a file there that you can read$/,
    remedy: REPAIR_FILE,
    repair: ({ sandbox }) => {
      chmodSync(join(sandbox.root, 'ca.crt'), 0o600);
      return undefined;
    },
  },
];
