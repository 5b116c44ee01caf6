import { parseValue } from '../config/decode.ts';
import { type ConfigurationKey, definitionOf } from '../config/keys.ts';
import { compactModel, type Model } from '../config/models.ts';
import type { Resolution } from '../config/resolve.ts';
import type { Dialog } from './dialog.ts';
import { note } from './terminal.ts';

interface Question {
  readonly key: ConfigurationKey;
  readonly text: string;
  /** One line, shown before the question. */
  readonly purpose: string;
  /** `-` removes the setting. */
  readonly optional?: true;
  /** What an empty answer means the first time. */
  readonly suggestion?: string;
  /** Takes an https:// address too, as `baseUrl`. */
  readonly orBaseUrl?: true;
}

const CREDENTIAL: Question = {
  key: 'credential',
  text: 'Credential: entra (users sign in) or api-key',
  purpose: "What Claude Desktop gets: a token for each user's own account, or an API key that users share.",
};
const RESOURCE_PURPOSE = 'Where Claude runs: the first part of <resource>.services.ai.azure.com.';
const MODELS: Question = {
  key: 'models',
  text: 'Deployments, separated by commas, default first',
  purpose: 'What users can choose in Claude Desktop, by the names that Foundry shows, such as claude-sonnet-5.',
};

/** What an admin has to know. Everything else has a default that suits most organizations. */
const ENTRA: readonly Question[] = [
  {
    key: 'tenantId',
    text: 'Entra tenant (GUID or domain)',
    purpose: 'Whose users can sign in. In Entra, see Overview > Tenant ID.',
  },
  {
    key: 'clientId',
    text: 'Application (client) ID',
    purpose: 'The application that users sign in to. In Entra, see App registrations > your application > Overview.',
  },
  {
    key: 'foundryResource',
    text: 'Foundry resource (name), or the base URL of a gateway in front of it',
    purpose: RESOURCE_PURPOSE,
    orBaseUrl: true,
  },
  MODELS,
  {
    key: 'signInMethod',
    text: 'Sign-in: browser or device-code',
    purpose:
      'browser is one button, with no code that could be phished; device-code is for SSH, no browser, or another device.',
    suggestion: 'browser',
  },
  {
    key: 'organizationName',
    text: 'Organization that the sign-in page names (- for none)',
    purpose: 'Helps users tell your sign-in page from a fake one.',
    optional: true,
  },
];

/** An API key doesn't need a sign-in, but Claude Desktop needs the resource's name. */
const API_KEY: readonly Question[] = [
  { key: 'foundryResource', text: 'Foundry resource (name)', purpose: RESOURCE_PURPOSE },
  MODELS,
];

/** Settings as config.json holds them. */
export type Settings = Record<string, unknown>;

/**
 * The questions of `config init`: asks for everything that a person must decide; other settings don't change.
 * @throws AppError as `Dialog.ask`
 */
export async function askSettings(dialog: Dialog, resolution: Resolution, old: Settings): Promise<Settings> {
  const values = { ...old };
  // A file that names an application but no method means the default; just pressing Enter must not change that.
  const isFirst = old['clientId'] === undefined;
  await answer(dialog, resolution, CREDENTIAL, values);
  // The default isn't written down.
  if (values['credential'] === 'entra') delete values['credential'];
  for (const question of usesApiKey(values, resolution) ? API_KEY : ENTRA) {
    await answer(dialog, resolution, isFirst ? question : withoutSuggestion(question), values);
  }
  return values;
}

const withoutSuggestion = ({ suggestion: _, ...question }: Question): Question => question;

/** Managed policy wins over the file that is about to be written. */
export function usesApiKey(values: Settings, { settings: { credential } }: Resolution): boolean {
  return (credential.origin?.kind === 'managed' ? credential.value : values['credential']) === 'api-key';
}

async function answer(dialog: Dialog, { settings }: Resolution, question: Question, values: Settings): Promise<void> {
  const { key, text, purpose, orBaseUrl = false, optional = false } = question;
  const managed = [key, ...(orBaseUrl ? (['baseUrl'] as const) : [])]
    .map((name) => settings[name].origin)
    .find((origin) => origin?.kind === 'managed');
  if (managed !== undefined) {
    note(`${text}: set by policy (${managed.location})`);
    return;
  }
  const suggestion = suggestionFor(question, settings);
  note('');
  note(purpose);
  const given = await dialog.ask(text, suggestion, (typed) => {
    if (optional && (typed === '' || typed === '-')) return { valid: true, value: undefined };
    if (typed === '') return { valid: false, rule: definitionOf(key).rule };
    return parseValue(orBaseUrl && isUrl(typed) ? 'baseUrl' : key, typed);
  });
  if (given === undefined) delete values[key];
  else if (orBaseUrl && isUrl(given)) values['baseUrl'] = given;
  else {
    values[key] = key === 'models' ? (given as readonly Model[]).map(compactModel) : given;
    // The base URL would win over the resource that was just named.
    if (orBaseUrl) delete values['baseUrl'];
  }
}

function suggestionFor({ key, suggestion, orBaseUrl }: Question, settings: Resolution['settings']): string {
  const { value, origin } = (orBaseUrl && settings.baseUrl.value !== undefined && settings.baseUrl) || settings[key];
  if (suggestion !== undefined && (origin === undefined || origin.kind === 'default')) return suggestion;
  if (value === undefined) return '';
  return key === 'models' ? modelsAsText(value as readonly Model[]) : String(value);
}

/** As a person would type them: names separated by commas, or JSON if more is said about a model. */
function modelsAsText(models: readonly Model[]): string {
  const compact = models.map(compactModel);
  return compact.every((model) => typeof model === 'string') ? compact.join(',') : JSON.stringify(compact);
}

const isUrl = (value: unknown): boolean => typeof value === 'string' && /^[a-z]+:\/\//i.test(value);
