// The real clients, run against a local Foundry resource as their users run them.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import type { World, WorldOptions } from '../../support/harness/world.ts';
import { binary, type Run, runWithInput, signIn, worldForTest } from '../support.ts';

const packages = join(projectFolder, 'build/clients/node_modules');
/** npm links it from a script that it isn't let run here. */
export const claude = join(packages, '@anthropic-ai/claude-code-linux-x64/claude');

export interface Client {
  readonly world: World;
  readonly env: Readonly<Record<string, string>>;
  /** Where it is started. */
  readonly project: string;
}

/** Someone is signed in, tools find the product on PATH, and everything goes through the proxy with a private root. */
export async function clientWorld({ config, ...options }: WorldOptions = {}): Promise<Client> {
  const world = await worldForTest({ ...options, config: { allowTokenEndpoint: true, ...config } });
  expect(await signIn(world)).toMatchObject({ state: 'ok' });
  const project = join(world.sandbox.root, 'project');
  mkdirSync(project);
  symlinkSync(claude, join(world.sandbox.root, 'bin', 'claude'));
  return { world, env: clientEnv(world), project };
}

/** For clients, which find the product on PATH and reach everything through the proxy. */
export function clientEnv(world: World): Readonly<Record<string, string>> {
  return {
    ...world.env,
    PATH: [dirname(binary), world.env['PATH'], dirname(process.execPath)].join(delimiter),
    HTTPS_PROXY: world.proxy.url,
    NODE_EXTRA_CA_CERTS: world.caFile,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  };
}

/** Claude Code in print mode; `before` is put in front of the command, as `exec --`. */
export function runClaudeCode(
  { env, project }: Client,
  args: readonly string[] = [],
  before: readonly string[] = [],
): Promise<Run> {
  const [command = claude, ...rest] = [...before, claude, '-p', 'Say hello.', ...args];
  return runWithInput(env, '', [command, ...rest], project);
}

/** The blocks in this language of a page below docs/how-to/clients, in order. */
export function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(join(projectFolder, 'docs/how-to/clients', page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, block = '']) =>
    name === language ? [block] : [],
  );
}

/** A block for a shell, whole. */
export function runShell({ env, project }: Client, block: string): Promise<Run> {
  return runWithInput(env, '', ['/bin/sh', '-e', '-c', block], project);
}

/** A program on an SDK, as its author would start it; it finds the clients' packages. */
export function runProgram({ env, project }: Client, source: string, before: readonly string[] = []): Promise<Run> {
  const file = join(project, 'program.mjs');
  symlinkSync(packages, join(project, 'node_modules'));
  writeFileSync(file, source);
  // Node's own fetch takes the proxy from the environment only when it is told to.
  const all = { ...env, NODE_USE_ENV_PROXY: '1' };
  const [command = 'node', ...rest] = [...before, process.execPath, file];
  return runWithInput(all, '', [command, ...rest], project);
}

/** What the resource saw: each call with its answer, the credential's header, and which token it was, as A, B, C. */
export function seen({ foundry }: World): readonly string[] {
  const names = new Map<string | undefined, string>();
  return foundry.requests.map(({ endpoint, status, headerNames, tokenId }) => {
    if (!names.has(tokenId)) names.set(tokenId, String.fromCharCode(65 + names.size));
    const credentials = headerNames.filter((name) => ['authorization', 'x-api-key', 'api-key'].includes(name));
    return `${endpoint} ${status} by ${credentials.join('+')} ${names.get(tokenId)}`;
  });
}
