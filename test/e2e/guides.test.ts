// Every command block of the tutorial and of the guides for admins and support, run as written there, with the fault that
// its heading names.
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { writeDeb } from '../../installers/linux/deb.ts';
import { BrowserUser } from '../support/harness/browser-user.ts';
import { isLong, sample } from '../support/harness/long.ts';
import { createWorld, type World } from '../support/harness/world.ts';
import { seededFaults } from './doctor/faults/all.ts';
import { healthyProfile, type Seeded } from './doctor/faults/row.ts';
import { agentProcess, binary, type Run, run, runWithInput, signIn, writeDesktopConfig } from './support.ts';

interface Step {
  /** Default 0. */
  readonly exitCode?: number;
  readonly stdin?: string;
  /** How the user signs in if the line is a `login`. Default: by what `--method` says, or with a code. */
  readonly signIn?: 'browser';
  /** On stdout or stderr. */
  readonly says?: RegExp;
}

interface Scene {
  /** One of those that doctor/faults.test.ts seeds; each `doctor` of the section must then name its remedy. */
  readonly fault?: string;
  /** Whether someone has signed in before. If absent, the fault decides; without a fault, someone has. */
  readonly signedIn?: boolean;
  readonly prepare?: (desk: Desk) => Promise<unknown> | unknown;
  /** By command line. */
  readonly steps?: Readonly<Record<string, Step>>;
}

/** Where the reader of a guide sits. */
interface Desk {
  readonly world: World;
  readonly env: NodeJS.ProcessEnv;
  /** The working folder. */
  readonly folder: string;
}

const TOOL = 'foundry-credential-helper';
const answers = { tenantId: 'contoso.onmicrosoft.com', clientId: '11111111-2222-3333-4444-555555555555' };

/** What an admin answers who is asked whether to replace the settings. */
const typedAnswers = [
  'yes',
  'entra',
  ...Object.values(answers),
  'contoso-foundry',
  'claude-sonnet-5',
  'browser',
  'Contoso',
  '',
];

const adminSteps: Readonly<Record<string, Step>> = {
  [`${TOOL} config init`]: { stdin: `${typedAnswers.join('\n')}\n`, says: /Written: / },
  [`${TOOL} login`]: { signIn: 'browser' },
  [`${TOOL} doctor`]: { says: /No problems found/ },
  [`CLAUDE_HELPER_CONTEXT=background ${TOOL} | wc -c`]: { says: /^\d{3,}$/m },
  [`${TOOL} status --json`]: { says: /"signIn": ?"signed-in"/ },
};

const scenes: Readonly<Record<string, Scene>> = {
  Troubleshooting: { steps: { [`${TOOL} doctor --explain AADSTS65001`]: { says: /grant admin consent/ } } },
  'No sign-in page opens': {
    signedIn: false,
    steps: { [`${TOOL} status`]: { exitCode: 6 }, [`${TOOL} login --no-browser`]: { says: /[A-Z0-9]{8,9}/ } },
  },
  "Microsoft's page says that the organization doesn't allow this": {
    fault: 'device codes are blocked (530036)',
    signedIn: false,
    steps: { [`${TOOL} doctor --explain AADSTS530036`]: { says: /"signInMethod" to "browser"/ } },
  },
  'The organization requires a managed device, or token protection': {
    fault: 'the computer is not compliant anymore (53000)',
  },
  '"Approval required", or an admin has to consent': { fault: 'nobody has consented' },
  'The user is asked to sign in repeatedly': {
    fault: 'the sign-in was revoked, and the agent has not met that yet',
    steps: { [`${TOOL} status`]: { exitCode: 4, says: /since/ } },
  },
  'The wrong account is signed in': {},
  'The keystore is locked': { fault: 'the keystore is locked' },
  'The keystore is waiting for your permission': { fault: 'the keystore waits for an answer' },
  'No keystore': { fault: 'no keystore runs' },
  'The network inspects TLS': { fault: 'the network inspects TLS with an unknown root' },
  'The proxy wants credentials': { fault: 'the proxy asks for credentials' },
  'The sign-in page of a hotel or guest network answers': { fault: 'a captive portal answers' },
  'The clock is wrong': { fault: "the computer's clock is two hours late" },
  'Claude Desktop shows 401 or 403': { fault: 'the role is missing (403)' },
  "Claude Desktop says that the model doesn't exist": { fault: "a deployment doesn't exist" },
  'Claude Desktop says that the credential helper failed': {
    fault: 'nobody is signed in',
    steps: {
      [`CLAUDE_HELPER_CONTEXT=setup-test ${TOOL} > /dev/null`]: { exitCode: 4, says: /error\[ERR_SIGN_IN_REQUIRED\]/ },
    },
  },
  "A setting doesn't work": {
    fault: 'a setting breaks its rule',
    steps: {
      [`${TOOL} config show`]: { exitCode: 3, says: /"clientId"/ },
      [`${TOOL} config validate`]: { exitCode: 1, says: /clientId/ },
    },
  },
  'Claude Desktop ignores its profile': {
    prepare: async ({ env, folder }) => {
      await run(env, 'config', 'export', join(folder, 'rollout'));
      const path = join(folder, 'rollout/windows/claude-desktop.reg');
      const exported = readFileSync(path, 'utf16le');
      writeFileSync(path, exported.replace('Policies\\Claude', 'Policies\\Anthropic\\Claude'), 'utf16le');
    },
    steps: {
      [`${TOOL} config validate rollout/windows/claude-desktop.reg`]: { exitCode: 1, says: /registry-/ },
    },
  },
  "The agent doesn't answer": {
    prepare: async ({ world }) => {
      process.kill(agentProcess(world), 'SIGSTOP');
    },
    steps: { [`${TOOL} agent stop`]: { says: /its process \d+ was ended/ } },
  },
  'None of these': { steps: { [`${TOOL} report`]: { says: /report-.*\.md/ } } },
};

interface Block {
  readonly language: string;
  readonly text: string;
}

/** The code blocks, those in lists too, without their indentation. */
function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', language = '', text = '']) => ({
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd(),
  }));
}

/** Heading by heading the lines of its blocks for a shell. */
function commandsOf(page: string): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(projectFolder, 'docs', page), 'utf8');
  const sections = new Map<string, readonly string[]>();
  for (const section of text.split(/^#+ /m).slice(1)) {
    const blocks = blocksOf(section);
    expect(blocks.map(({ language }) => language)).toEqual(blocks.map(() => 'sh'));
    const lines = blocks.flatMap(({ text }) => text.split('\n'));
    if (lines.length > 0) sections.set((section.split('\n', 1)[0] ?? '').replace(/, by symptom$/, ''), lines);
  }
  return sections;
}

async function sitDown(options: Parameters<typeof createWorld>[0]): Promise<Desk> {
  const world = await createWorld(options);
  writeDesktopConfig(world, healthyProfile);
  const bin = join(world.sandbox.root, 'installed');
  const folder = join(world.sandbox.root, 'work');
  for (const path of [bin, folder]) mkdirSync(path);
  symlinkSync(binary, join(bin, TOOL));
  return { world, env: { ...world.env, PATH: `${bin}:${world.env['PATH']}` }, folder };
}

async function follow({ world, env, folder }: Desk, line: string, { stdin = '', signIn }: Step): Promise<Run> {
  const running = runWithInput(env, stdin, ['/bin/sh', '-c', line], folder);
  if (signIn === 'browser' || line.endsWith('login --method browser')) await new BrowserUser(world).signIn();
  else if (/ login\b/.test(line)) world.entra.approve(await world.entra.waitForUserCode());
  return running;
}

async function followAll(desk: Desk, lines: readonly string[], steps: Scene['steps'] = {}): Promise<void> {
  for (const line of lines) {
    const step = steps[line] ?? {};
    const { exitCode, stdout, stderr } = await follow(desk, line, step);
    expect({ line, exitCode, output: exitCode === (step.exitCode ?? 0) ? '' : stdout + stderr }).toEqual({
      line,
      exitCode: step.exitCode ?? 0,
      output: '',
    });
    if (step.says !== undefined) expect(`${stdout}\n${stderr}`).toMatch(step.says);
  }
}

it('docs/how-to/roll-out.md leads from the answers to a user with a token, and back', async () => {
  // The application that the answers name, as the set-up script registers it.
  const desk = await sitDown({ entra: { clientId: answers.clientId } });
  desk.world.entra.allowPublicClientFlows = false;
  try {
    writeFileSync(
      join(desk.folder, 'answers.json'),
      JSON.stringify({ ...answers, foundryResource: 'contoso-foundry', models: ['claude-sonnet-5'] }),
    );
    const sections = commandsOf('how-to/roll-out.md');
    expect(sections.size).toBe(4);
    for (const lines of sections.values()) await followAll(desk, lines, adminSteps);
    expect(await run(desk.env, 'status')).toMatchObject({ exitCode: 6 });
  } finally {
    await desk.world.dispose();
  }
});

describe('docs/tutorial.md', () => {
  /** Where the page's package is unpacked: these stand in for root and for apt, which needs Debian's archive. */
  function installers(root: string): string {
    const bin = join(root, 'installers');
    mkdirSync(bin);
    const script = (name: string, text: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    script('sudo', 'exec "$@"');
    script('apt-get', `[ "$1 $2" = 'install --yes' ] && exec dpkg-deb --extract "$3" '${join(root, 'system')}'`);
    return bin;
  }

  /** To compress the program itself takes many seconds. */
  function packed(root: string): string {
    if (isLong) return binary;
    const launcher = join(root, 'launcher');
    writeFileSync(launcher, `#!/bin/sh\nexec '${binary}' "$@"\n`);
    return launcher;
  }

  /** What the page shows as output, as a pattern: `…` is anything, and the settings are where this reader has them. */
  const shown = (line: string, settings: string): RegExp =>
    new RegExp(
      line
        .replace('/home/ada/.config', settings)
        .replaceAll(/[^\w\s…]/g, '\\$&')
        .replaceAll('…', '.*'),
    );

  it('leads from the package to an answer, and shows what each command prints', { timeout: 300_000 }, async () => {
    const world = await createWorld({ entra: { clientId: answers.clientId }, models: ['claude-sonnet-5'] });
    world.entra.allowPublicClientFlows = false;
    // Only the computer's own network settings are there before the reader begins.
    rmSync(world.sandbox.configFile);
    const { root, env: own } = world.sandbox;
    const folder = join(root, 'work');
    mkdirSync(folder);
    const licences = join(root, 'licences.txt');
    writeFileSync(licences, 'licences\n');
    writeDeb({ binary: packed(root), licences, arch: 'x64', version: '0.1.0', folder });
    const network = { HTTPS_PROXY: world.proxy.url, NODE_EXTRA_CA_CERTS: world.caFile, CURL_CA_BUNDLE: world.caFile };
    const path = [installers(root), join(root, 'system/usr/bin'), own['PATH']].join(':');
    const desk: Desk = { world, env: { ...world.env, ...network, PATH: path }, folder };
    try {
      const blocks = blocksOf(readFileSync(join(projectFolder, 'docs/tutorial.md'), 'utf8'));
      expect(blocks.filter(({ language }) => language === 'text')).toHaveLength(5);
      let printed = '';
      for (const [index, { language, text }] of blocks.entries()) {
        if (language === 'text') {
          for (const line of linesOfDialog(text)) expect(printed).toMatch(shown(line, own['XDG_CONFIG_HOME'] ?? ''));
          continue;
        }
        printed = '';
        for (const line of text.split('\n')) {
          const stdin = line.endsWith('config init') ? answersIn(blocks[index + 1]?.text ?? '') : '';
          const step: Step = { stdin, ...(line.endsWith(' login') ? { signIn: 'browser' as const } : {}) };
          const { exitCode, stdout, stderr } = await follow(desk, line, step);
          printed += stderr + stdout;
          expect({ line, exitCode, output: exitCode === 0 ? '' : printed }).toEqual({ line, exitCode: 0, output: '' });
        }
      }
      expect(world.foundry.requests.at(-1)).toMatchObject({ status: 200 });
      expect(await run(desk.env, 'status')).toMatchObject({ exitCode: 4 });
    } finally {
      await world.dispose();
    }
  });

  /** Questions end with a colon; what follows is typed. */
  const QUESTION = /^(.+\n.*?:)(?: ([^:]*))?$/;
  const paragraphsOf = (text: string): readonly string[] => text.split(/\n\n|\n(?=Written)/);

  const answersIn = (text: string): string =>
    paragraphsOf(text)
      .filter((paragraph) => QUESTION.test(paragraph))
      .map((paragraph) => `${QUESTION.exec(paragraph)?.[2] ?? ''}\n`)
      .join('');

  const linesOfDialog = (text: string): readonly string[] =>
    paragraphsOf(text).flatMap((paragraph) => paragraph.replace(QUESTION, '$1').split('\n'));
});

describe.concurrent('docs/how-to/troubleshooting.md', () => {
  const sections = commandsOf('how-to/troubleshooting.md');

  it('has a scene here for each section, and no other', () => {
    expect(Object.keys(scenes)).toEqual([...sections.keys()]);
  });

  it.each(sample([...sections], 2))('%s', async (heading, lines) => {
    const scene = scenes[heading] ?? {};
    const fault = seededFaults.find(({ fault }) => fault === scene.fault);
    if (scene.fault !== undefined) expect(fault).toBeDefined();
    const desk = await sitDown(fault?.world ?? {});
    let seeded: Seeded | undefined;
    try {
      if (scene.signedIn ?? fault?.signedIn ?? true) expect(await signIn(desk.world)).toMatchObject({ state: 'ok' });
      seeded = await fault?.seed?.(desk.world);
      await scene.prepare?.(desk);
      const diagnosis: Step = fault === undefined ? {} : { exitCode: 1, says: fault.remedy };
      const doctors = { [`${TOOL} doctor`]: diagnosis, [`${TOOL} doctor --live`]: diagnosis };
      const env = { ...desk.env, ...seeded?.env };
      await followAll({ ...desk, env }, lines, { ...doctors, ...scene.steps });
    } finally {
      await seeded?.close?.();
      await desk.world.dispose();
    }
  });
});
