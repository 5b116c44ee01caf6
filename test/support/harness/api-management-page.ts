// What docs/how-to/api-management.md tells admins to set up. The stand-in is set up from the page itself, so that the
// page and the tests can't drift apart.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../installers/build/bundle.ts';

export interface ApiManagementPage {
  readonly text: string;
  /** The policy, with its named values unresolved. */
  readonly policy: string;
  /** `--path` of the API. */
  readonly suffix: string;
  /** `--service-url` of the API. */
  readonly serviceUrl: string;
  /** `METHOD /path` of each operation. */
  readonly operations: readonly string[];
  /** The settings of this program. */
  readonly settings: Readonly<Record<string, unknown>> & { readonly baseUrl: string; readonly scope: string };
  /** The settings for an API that requires a subscription key. */
  readonly subscriptionSettings: { readonly headers: Readonly<Record<string, string>> };
}

/** @throws Error if a part of the page is missing. */
export function readApiManagementPage(): ApiManagementPage {
  const text = readFileSync(join(projectFolder, 'docs/how-to/api-management.md'), 'utf8');
  const [policy] = blocksOf(text, 'xml');
  const [settings, subscriptionSettings] = blocksOf(text, 'json').map((block) => JSON.parse(block) as unknown);
  const commands = blocksOf(text, 'sh').join('\n').replaceAll('\\\n', ' ');
  const option = (name: string) => new RegExp(`--${name} (\\S+)`).exec(commands)?.[1] ?? '';
  const operations = [...commands.matchAll(/--method (\S+) --url-template (\S+)/g)];
  if (policy === undefined || settings === undefined) throw new Error('the page has no policy or no settings');
  return {
    text,
    policy,
    suffix: option('path'),
    serviceUrl: option('service-url'),
    operations: operations.map(([, method, path]) => `${method} ${path}`),
    settings: settings as ApiManagementPage['settings'],
    subscriptionSettings: subscriptionSettings as ApiManagementPage['subscriptionSettings'],
  };
}

function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}
