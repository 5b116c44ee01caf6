// The programs that print headers for services other than Foundry, by Claude Desktop's own rules: it runs each without
// arguments and without a shell, as it runs the credential helper.
// https://claude.com/docs/third-party/claude-desktop/extensions#short-lived-credentials-with-a-headers-helper
import { basename } from 'node:path/win32';
import { isObject } from '../../core/json.ts';
import { systemsOf } from '../document.ts';
import type { Examination } from '../examination.ts';
import type { DesktopKeyName } from '../keys.ts';
import { isOurHelper, usesHelper } from './credential.ts';
import { providerOf } from './endpoint.ts';
import { looksLikeArguments, pathFault } from './helper.ts';

/** `headers` hands out tokens that have at least this long to live. */
const MAX_TTL_SECONDS = 1800;

/** A program that Claude Desktop runs for one service. */
interface HeaderHelper {
  readonly key: DesktopKeyName;
  /** Which one of a list. */
  readonly element?: string;
  readonly path: string;
  /** Whether what it prints is sent as it is, and not read as JSON. */
  readonly takesBareToken?: boolean;
}

export function checkHeaderHelpers(examination: Examination): void {
  for (const helper of headerHelpers(examination)) checkHelper(examination, helper);
  checkServers(examination);
  checkCollector(examination);
}

function headerHelpers({ values }: Examination): readonly HeaderHelper[] {
  const single = (['otlpHeadersHelper', 'bootstrapHeadersHelper'] as const).map((key) => ({
    key,
    path: values.text(key),
  }));
  const servers = entriesOf(values.structure('managedMcpServers')).map(([element, { headersHelper }]) => ({
    key: 'managedMcpServers' as const,
    element,
    path: headersHelper,
  }));
  const takesBareToken = true;
  const marketplaces = entriesOf(values.structure('allowedPluginMarketplaces')).map(
    ([element, { credentialHelper }]) => ({
      key: 'allowedPluginMarketplaces' as const,
      element,
      path: credentialHelper,
      takesBareToken,
    }),
  );
  const endpoint = values.structure('sharingEndpoint');
  const sharing = isObject(endpoint)
    ? [{ key: 'sharingEndpoint' as const, path: endpoint['credentialHelper'], takesBareToken }]
    : [];
  return [...single, ...servers, ...marketplaces, ...sharing].filter(
    (helper): helper is typeof helper & { readonly path: string } => typeof helper.path === 'string',
  );
}

function checkHelper({ document, report }: Examination, { key, element, path, takesBareToken }: HeaderHelper): void {
  const rule = pathFault(path.trim(), systemsOf(document));
  if (isThisProgram(path)) {
    const id = takesBareToken === true ? 'headers-helper-leaks-token' : 'headers-helper-prints-token';
    report(id, key, { element });
  } else if (rule !== undefined) report('headers-helper-path', key, { element, rule });
  else if (looksLikeArguments(path)) report('headers-helper-arguments', key, { element });
}

/** With arguments it isn't, because Claude Desktop looks for a file of that whole name. */
const isThisProgram = (path: string): boolean => /^foundry-credential-helper(?:\.exe)?$/i.test(basename(path.trim()));

/** Scripts that are named as `config export` names them. */
const isOurScript = (path: unknown): boolean =>
  typeof path === 'string' && /^foundry-credential-helper-/i.test(basename(path));

function checkServers({ values, report }: Examination): void {
  for (const [element, server] of entriesOf(values.structure('managedMcpServers'))) {
    const { headersHelper, headersHelperTtlSec, oauth } = server;
    if (headersHelper === undefined) continue;
    if (oauth !== undefined && oauth !== false) report('headers-helper-with-oauth', 'managedMcpServers', { element });
    if (isOurScript(headersHelper) && Number(headersHelperTtlSec) > MAX_TTL_SECONDS) {
      report('headers-helper-ttl', 'managedMcpServers', { element });
    }
  }
}

function checkCollector({ values, report }: Examination): void {
  const sendsBearer = usesHelper(values) && isOurHelper(values) && providerOf(values) === 'gateway';
  if (sendsBearer && values.raw('otlpAuthMode') === 'inference-credential') {
    report('collector-gets-token', 'otlpAuthMode');
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The objects of a list, each with its name in findings. */
function entriesOf(list: unknown): readonly (readonly [element: string, fields: Fields])[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => (isObject(entry) ? [[`entry ${index + 1}`, entry] as const] : []));
}
