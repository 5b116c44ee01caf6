// Stands in for the Azure CLI: the few commands that deploy/azure uses, as the CLI does them, against an AzureServer. A
// real CLI needs half a second for each command; test/e2e/azure-setup.test.ts compares the two.
import jmespath from 'jmespath';
import type { AzureServer } from './azure-server.ts';

export interface AzResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Options = Readonly<Record<string, readonly string[]>>;

/** The token that `az account get-access-token` prints for a host of Azure. */
export const recordedToken = (host: string): string => `token-for-${host}`;

/** Runs one command line. */
export function recordingAz(server: AzureServer, signedIn: boolean, argv: readonly string[]): AzResult {
  const end = argv.findIndex((word) => word.startsWith('--'));
  const options = readOptions(argv.slice(end));
  try {
    const result = command(server, signedIn, argv.slice(0, end).join(' '), options);
    const query = options['query']?.[0];
    const shown = query === undefined ? result : jmespath.search(result, query);
    return { exitCode: 0, stdout: format(shown, options['output']?.[0]), stderr: '' };
  } catch (error) {
    return { exitCode: 1, stdout: '', stderr: `ERROR: ${error instanceof Error ? error.message : String(error)}\n` };
  }
}

/** `--name value value …` */
function readOptions(words: readonly string[]): Options {
  const options: Record<string, string[]> = {};
  let values: string[] = [];
  for (const word of words) {
    if (/^--[a-z-]+$/.test(word)) options[word.slice(2)] = values = [];
    else values.push(word);
  }
  return options;
}

function command(server: AzureServer, signedIn: boolean, name: string, options: Options): unknown {
  const { tenantId, subscriptionId } = server;
  if (name === 'cloud show') {
    return {
      endpoints: {
        resourceManager: 'https://management.azure.com/',
        microsoftGraphResourceId: 'https://graph.microsoft.com/',
      },
    };
  }
  if (!signedIn) throw new Error("Please run 'az login' to setup account.");
  switch (name) {
    case 'account show': {
      const wanted = options['subscription']?.[0];
      if (wanted !== undefined && ![subscriptionId, 'Contoso'].includes(wanted)) {
        throw new Error(`Subscription '${wanted}' not found. Check the spelling and casing and try again.`);
      }
      return { id: subscriptionId, tenantId };
    }
    case 'account get-access-token':
      if (options['subscription']?.[0] !== subscriptionId) throw new Error('Specify the signed-in subscription.');
      return { accessToken: recordedToken(new URL(options['resource']?.[0] ?? '').hostname), tenant: tenantId };
    case 'group exists': {
      const path = `/subscriptions/${subscriptionId}/resourcegroups/${options['name']?.[0]}?api-version=2021-04-01`;
      return send(server, 'HEAD', new URL(path, 'https://management.azure.com')).status === 204;
    }
    case 'rest':
      return rest(server, options);
    default:
      throw new Error(`'${name}' is misspelled or not recognized by the system.`);
  }
}

function rest(server: AzureServer, options: Options): unknown {
  const url = new URL(options['url']?.[0] ?? '');
  for (const parameter of options['uri-parameters'] ?? []) {
    const end = parameter.indexOf('=');
    url.searchParams.set(parameter.slice(0, end), parameter.slice(end + 1));
  }
  const { status, body } = send(server, options['method']?.[0]?.toUpperCase() ?? 'GET', url, options['body']?.[0]);
  if (status >= 400) throw new Error(`${status}(${body})`);
  return body === '' ? undefined : JSON.parse(body);
}

function send(server: AzureServer, method: string, url: URL, body?: string) {
  return server.answer({
    method,
    host: url.hostname,
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    authorization: `Bearer ${recordedToken(url.hostname)}`,
    body: body === undefined ? undefined : (JSON.parse(body) as Record<string, unknown>),
  });
}

function format(result: unknown, output: string | undefined): string {
  if (result === null || result === undefined || output === 'none') return '';
  if (output === 'json') return `${JSON.stringify(result, undefined, 2)}\n`;
  return (Array.isArray(result) ? result : [result]).map((row) => `${tsv(row)}\n`).join('');
}

/** As the CLI: no value in a row is `None`. */
function tsv(row: unknown): string {
  if (row === null) return 'None';
  if (typeof row === 'object') throw new Error('only simple values are printed here');
  return String(row);
}
