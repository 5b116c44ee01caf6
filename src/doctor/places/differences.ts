// How the agent's settings differ from this terminal's, and what to do about it.
import { CONFIG_FILE, type SettingView } from './settings-view.ts';

export interface Difference {
  readonly name: string;
  readonly agent: SettingView | undefined;
  readonly here: SettingView | undefined;
}

/** The settings that decide how a server is reached, and which certificates are trusted. */
const NETWORK: readonly string[] = ['proxy', 'noProxy', 'caFile', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];
/** More would hide what matters. */
const MAX_NAMED = 5;

/** Every setting that isn't the same. A setting that one side doesn't know, because it's another version, is left out. */
export function differences(agent: readonly SettingView[], here: readonly SettingView[]): readonly Difference[] {
  return here.flatMap((setting) => {
    const theirs = agent.find(({ name }) => name === setting.name);
    if (theirs === undefined || theirs.digest === setting.digest) return [];
    return [{ name: setting.name, agent: theirs, here: setting }];
  });
}

export const isAboutNetwork = ({ name }: Difference): boolean => NETWORK.includes(name);

/** `"proxy" is http://proxy:8080 in this terminal (HTTPS_PROXY) and not set for the agent; …` */
export function differenceText(found: readonly Difference[]): string {
  const texts = found.slice(0, MAX_NAMED).map(({ name, agent, here }) => {
    const same = agent?.shown !== undefined && agent.shown === here?.shown ? ' (the hidden parts differ)' : '';
    return `${title(name)} is ${valueText(agent)} for the agent and ${valueText(here)} in this terminal${same}`;
  });
  const rest = found.length - texts.length;
  return [
    ...texts,
    ...(rest > 0 ? [`and ${rest} more ${rest === 1 ? 'setting differs' : 'settings differ'}`] : []),
  ].join('; ');
}

/** What makes both the same. */
export function differenceRemedy(found: readonly Difference[]): string {
  const file = found.find(({ name }) => name === CONFIG_FILE);
  if (file !== undefined) {
    return `let all programs use the same config.json: unset or set FOUNDRY_CREDENTIAL_HELPER_CONFIG, XDG_CONFIG_HOME, and HOME in the same way in every session, then run "foundry-credential-helper agent stop"`;
  }
  const named = found.slice(0, MAX_NAMED);
  const here = named.filter((one) => one.here?.digest !== undefined);
  const onlyAgent = named.filter((one) => one.here?.digest === undefined);
  return [...(here.length === 0 ? [] : [fileRemedy(here)]), ...onlyAgent.map(unsetRemedy)].join('; ');
}

/** What is in the file counts for every process, more than its variables do. */
function fileRemedy(found: readonly Difference[]): string {
  // OpenSSL's variables aren't settings, but the setting does what they do.
  const names = [...new Set(found.map(({ name }) => title(name.startsWith('SSL_CERT_') ? 'caFile' : name)))];
  return `put ${list(names)} into config.json instead of environment variables`;
}

function unsetRemedy({ name, agent }: Difference): string {
  const place = agent?.location ?? name;
  return `remove ${place} from the environment that the agent is started with, then run "foundry-credential-helper agent stop"`;
}

function valueText(setting: SettingView | undefined): string {
  if (setting?.digest === undefined) return 'not set';
  return setting.location === undefined ? `${setting.shown}` : `${setting.shown} (${setting.location})`;
}

/** Settings are quoted, as in every other text; a file and variables aren't. */
const title = (name: string): string => (name === CONFIG_FILE || /^[A-Z_]+$/.test(name) ? name : `"${name}"`);

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
