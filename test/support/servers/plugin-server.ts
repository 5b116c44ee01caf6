// A marketplace of plugins for Claude Code and Claude Desktop, in both forms that they take: a git repository over
// HTTPS, and a marketplace.json with archives. Only for those with a token for its own audience.
// https://code.claude.com/docs/en/plugin-marketplaces
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AnyReply, jsonReply } from './https-listener.ts';
import {
  type AdmittedRequest,
  type ProtectedResource,
  type ProtectedResourceOptions,
  startProtectedResource,
} from './protected-resource.ts';

export const MARKETPLACE = 'contoso-plugins';
export const PLUGIN = 'greetings';

export type PluginServerOptions = Omit<ProtectedResourceOptions, 'answer'> & {
  /** A new folder for its files. */
  readonly root: string;
};

export interface PluginServer extends ProtectedResource {
  /** The git repository. */
  readonly gitUrl: string;
  /** The marketplace.json for those without git. */
  readonly manifestUrl: string;
}

/** Starts the server on a free loopback port. Needs git. */
export async function startPluginServer(options: PluginServerOptions): Promise<PluginServer> {
  const { root, host } = options;
  const repository = createRepository(join(root, 'plugins.git'));
  const archive = git(repository, 'archive', '--format=zip', `HEAD:plugins/${PLUGIN}`);
  const source = {
    source: 'archive',
    url: `https://${host}/${PLUGIN}.zip`,
    sha256: createHash('sha256').update(archive).digest('hex'),
  };
  const resource = await startProtectedResource({
    ...options,
    answer: (request) => {
      switch (request.url.pathname) {
        case '/marketplace.json':
          return jsonReply(200, manifest(source));
        case `/${PLUGIN}.zip`:
          return { status: 200, headers: { 'content-type': 'application/zip' }, body: archive };
        default:
          return runHttpBackend(root, request);
      }
    },
  });
  return { ...resource, gitUrl: `https://${host}/plugins.git`, manifestUrl: `https://${host}/marketplace.json` };
}

const manifest = (source: unknown): object => ({
  name: MARKETPLACE,
  owner: { name: 'Contoso IT' },
  plugins: [{ name: PLUGIN, source, description: 'Says hello' }],
});

function createRepository(folder: string): string {
  const plugin = join('plugins', PLUGIN);
  const files = {
    '.claude-plugin/marketplace.json': JSON.stringify(manifest(`./${plugin}`)),
    [join(plugin, '.claude-plugin/plugin.json')]: JSON.stringify({ name: PLUGIN, version: '1.0.0' }),
    [join(plugin, 'commands/greet.md')]: '---\ndescription: Greets\n---\nSay hello.\n',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '.');
  git(
    folder,
    '-c',
    'user.name=Contoso IT',
    '-c',
    'user.email=it@contoso.com',
    'commit',
    '--quiet',
    '-m',
    'Add a plugin',
  );
  return folder;
}

/** Without the developer's own settings, which may sign commits or ask for names. */
const GIT_ENVIRONMENT = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };

function git(folder: string, ...args: string[]): Buffer {
  return execFileSync('git', args, { cwd: folder, env: GIT_ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The part of RFC 3875 that git's own program needs: https://git-scm.com/docs/git-http-backend */
function runHttpBackend(root: string, { method, url, headers, body }: AdmittedRequest): Promise<AnyReply> {
  const env = {
    ...GIT_ENVIRONMENT,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: url.pathname.replace(/^\/plugins\.git/, '/plugins.git/.git'),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    HTTP_GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', () => resolve(replyOf(Buffer.concat(chunks))));
    // For most requests, git doesn't wait for the end of an empty body.
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
  });
}

function replyOf(output: Buffer): AnyReply {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.toString('latin1', 0, end).split('\r\n');
  const { status = '200', ...headers } = Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.toLowerCase(), value.join(':').trim()] as const;
    }),
  ) as Record<string, string>;
  return { status: Number.parseInt(status, 10), headers, body: output.subarray(end + 4) };
}
