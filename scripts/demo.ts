// `npm start`: shows the whole product on this computer, with stand-ins for everything outside. Builds the binary;
// starts a local Entra, Foundry, and keystore; signs in through the real page in a headless browser; runs the binary
// like Claude Desktop does; and makes one Messages call with the token that it printed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { Agent, type AgentOptions, request } from 'node:https';
import { join, relative } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { Browser } from 'playwright-core';
import { projectFolder } from '../installers/build/bundle.ts';
import { hostTarget } from '../installers/build/targets.ts';
import { type HelperResult, runHelper } from '../test/support/harness/claude-desktop.ts';
import { launchBrowser, signInByBrowser, signInByCode } from '../test/support/harness/employee.ts';
import { createWorld, type World } from '../test/support/harness/world.ts';
import { ensureDebianPackages } from './debian-dependencies.ts';
import { runNode, secondsSince } from './steps.ts';

ensureDebianPackages(['demo']);

const USERNAME = 'ada@contoso.com';
const MODEL = 'claude-sonnet-5';
const binary = join(projectFolder, 'dist', hostTarget().executable);
const pictures = join(projectFolder, 'dist', 'screenshots');

const startedAt = performance.now();
await step('Build the binary', async () => {
  if (!runNode('installers/build/build.ts', [])) throw new Error('the build failed');
  return relative(projectFolder, binary);
});
const world = await step(
  'Start a local Entra, Foundry, proxy and keystore',
  () => createWorld({ config: { organizationName: 'Contoso', accountHint: USERNAME }, models: [MODEL] }),
  ({ entra, foundry }) =>
    `login.microsoftonline.com is 127.0.0.1:${entra.port}, ${foundry.host} is 127.0.0.1:${foundry.port}`,
);
try {
  const look = await demonstrate(world);
  console.log(`\nDone in ${secondsSince(startedAt)} s. ${look}`);
} finally {
  // Windows can't remove the files of a running agent.
  spawnSync(binary, ['agent', 'stop'], { env: world.env, stdio: 'ignore' });
  await world.dispose();
}

/** Returns a text that says what to see. */
async function demonstrate(world: World): Promise<string> {
  const browser = await step(
    'Start a headless browser',
    () => launchBrowser(world),
    (browser) => browser.version(),
  );
  let look: string;
  try {
    console.log('\nClaude Desktop runs the helper for the first time (CLAUDE_HELPER_CONTEXT=interactive):');
    const first = runHelper(binary, { context: 'interactive', env: world.env });
    // macOS and Windows open pages in the user's own browser, regardless of PATH.
    look = process.platform === 'linux' ? await useOurPage(world, browser) : await useCode(world, browser);
    show('Claude Desktop receives', await first);
  } finally {
    await browser.close();
  }
  const later = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
  const token = show('and every later time, without asking anyone', later);
  await step('One Messages call to Foundry with it', () => callMessages(world, token));
  return look;
}

async function useOurPage({ sandbox }: World, browser: Browser): Promise<string> {
  const url = await step(
    'The agent opens its page',
    () => sandbox.waitForOpenedUrl(),
    (opened) => new URL(opened).origin,
  );
  await step('The employee copies the code, pastes it at the verification page and signs in', async () => {
    mkdirSync(pictures, { recursive: true });
    const { complaints } = await signInByBrowser(browser, url, USERNAME, {
      onPage: async (moment, page) =>
        void (await page.screenshot({ path: join(pictures, `prompt-${moment}.png`), fullPage: true })),
    });
    if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join('; ')}`);
    return `screenshots in ${relative(projectFolder, pictures)}/`;
  });
  return `See ${relative(projectFolder, pictures)}/prompt-waiting.png`;
}

async function useCode(world: World, browser: Browser): Promise<string> {
  const code = await step('The agent opens its page, in your browser', () => world.entra.waitForUserCode());
  await step('A headless browser enters its code at the verification page and signs in', async () => {
    await signInByCode(world, browser, code, USERNAME);
    return USERNAME;
  });
  return 'See the page in your browser.';
}

/** @throws Error if Claude Desktop wouldn't have got a token */
function show(title: string, { state, token, stderr, exitCode, durationMs }: HelperResult): string {
  if (state !== 'ok' || token === undefined) throw new Error(`the helper failed (exit ${exitCode}): ${stderr}`);
  const shortened = `${token.slice(0, 12)}…${token.slice(-6)} (${token.length} characters)`;
  console.log(`\n  ${title}:\n  stdout ${shortened}\n  stderr empty, exit 0, after ${Math.round(durationMs)} ms\n`);
  return token;
}

function callMessages({ foundry, proxy, caFile }: World, token: string): Promise<string> {
  // Node has `proxyEnv` since 22.21, but its types don't know it yet.
  const options: AgentOptions & { proxyEnv: NodeJS.ProcessEnv } = {
    proxyEnv: { HTTPS_PROXY: proxy.url },
    ca: [...getCACertificates('default'), readFileSync(caFile, 'utf8')],
  };
  const agent = new Agent(options);
  const body = JSON.stringify({ model: MODEL, max_tokens: 64, messages: [{ role: 'user', content: 'Who am I?' }] });
  return new Promise((resolve, reject) => {
    const call = request(
      `https://${foundry.host}/anthropic/v1/messages`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
        },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(`HTTP 200 from ${foundry.host}: ${text.slice(0, 100)}…`);
          else reject(new Error(`Foundry answered ${response.statusCode}: ${text}`));
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Prints the step's name, how long it took, and its result. */
async function step<T>(name: string, work: () => Promise<T>, describe: (result: T) => string = String): Promise<T> {
  const from = performance.now();
  console.log(`… ${name}`);
  const result = await work();
  console.log(`✓ ${name} (${secondsSince(from)} s): ${describe(result)}`);
  return result;
}
