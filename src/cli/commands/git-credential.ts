// Git's protocol for credential helpers: https://git-scm.com/docs/git-credential and
// https://git-scm.com/docs/gitcredentials#_custom_helpers.
import { AppError } from '../../core/errors.ts';
import type { BearerToken } from '../../ipc/protocol.ts';
import { askInTime } from '../resource-client.ts';
import { print } from '../terminal.ts';

export interface GitCredentialOptions {
  readonly host: string;
  readonly resource: string;
}

/** Characters, more than Git ever sends. */
const MAX_INPUT_LENGTH = 64 * 1024;
const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;
/** Git servers that take tokens as a password ignore the user name, but it must not be empty. */
const ANY_USER = 'oauth2';

/**
 * Prints a token as Git's credential for one host. For another host or protocol it prints nothing, and Git asks its
 * next helper. `store` and `erase` do nothing, because the token is kept in memory only.
 * @throws AppError as `askInTime`; ERR_USAGE if `host` isn't a host name
 */
export async function gitCredential(operation: string, { host, resource }: GitCredentialOptions): Promise<void> {
  const wanted = host.toLowerCase();
  if (!HOST.test(wanted)) {
    throw new AppError('ERR_USAGE', { detail: '--host takes one host name, such as dev.azure.com, without https://' });
  }
  if (operation !== 'get') return;
  const asked = attributesOf(await readInput());
  if (asked.get('protocol') !== 'https' || asked.get('host')?.toLowerCase() !== wanted) return;
  const token = await askInTime('git-credential', resource);
  for (const line of asked.has('capability[]=authtype') ? asBearer(token) : asPassword(token, asked)) print(line);
}

/** Everything up to the end of the input, or to the empty line that ends the attributes. */
async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (/\n\r?\n/.test(text) || text.length > MAX_INPUT_LENGTH) break;
  }
  return text;
}

/** One attribute a line. Of those that may appear often, each is its own name. */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    attributes.set(name.endsWith('[]') ? line : name, value);
  }
  return attributes;
}

/** Since Git 2.46. Because of `ephemeral`, other helpers don't store it. */
function asBearer({ token, expiresOn }: BearerToken): readonly string[] {
  return [
    'capability[]=authtype',
    'authtype=Bearer',
    `credential=${token}`,
    'ephemeral=1',
    `password_expiry_utc=${secondsOf(expiresOn)}`,
  ];
}

function asPassword({ token, expiresOn }: BearerToken, asked: ReadonlyMap<string, string>): readonly string[] {
  const username = asked.get('username');
  return [
    `username=${username === undefined || username === '' ? ANY_USER : username}`,
    `password=${token}`,
    `password_expiry_utc=${secondsOf(expiresOn)}`,
  ];
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
