// XDG Desktop Portal, OpenURI:
// https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.OpenURI.html
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { START_MS } from './opener.ts';
import { type BusSignal, SessionBus } from './session-bus.ts';

const SERVICE = 'org.freedesktop.portal.Desktop';
const OPEN_URI = {
  destination: SERVICE,
  path: '/org/freedesktop/portal/desktop',
  interface: 'org.freedesktop.portal.OpenURI',
};
/** How long a dialog in which the user chooses a browser stays. */
const DIALOG_MS = 600_000;

/** `declined`: the user closed the dialog in which the portal asked for a browser. */
export type PortalAnswer = 'opened' | 'declined' | 'unavailable';

/**
 * Asks the desktop of this session to open a URL. The browser is then the desktop's own child, and the URL isn't on a
 * command line of this program's.
 * @returns `unavailable` if the session has no desktop, or its portal can't do it or doesn't answer within 3 s. Never
 * rejects. A portal that is at it after 3 s, for example with a dialog, has opened the URL
 */
export async function openByPortal(href: string, env: NodeJS.ProcessEnv): Promise<PortalAnswer> {
  // Without a display there's nothing to open it on, and no reason to start a portal.
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'unavailable';
  const bus = SessionBus.open(env, START_MS);
  if (bus === undefined) return 'unavailable';
  try {
    const portal = await bus.startService(SERVICE);
    if (!isOnDisplayOf(portal, env) || !(await hasBrowser(bus, href))) return close(bus, 'unavailable');
    const responses = await collectResponses(bus);
    const request = await bus.call(openUri(href));
    const answer = responses.of(String(request));
    const first = await Promise.race([answer, sleep(bus.timeLeftMs, undefined, { ref: false })]);
    if (first !== undefined) return close(bus, first);
    // The portal removes its dialog when the connection closes.
    void Promise.race([answer, sleep(DIALOG_MS, undefined, { ref: false })]).then(() => bus.close());
    return 'opened';
  } catch {
    return close(bus, 'unavailable');
  }
}

function close(bus: SessionBus, answer: PortalAnswer): PortalAnswer {
  bus.close();
  return answer;
}

function openUri(href: string) {
  const options = { handle_token: ['s', `foundry_${randomBytes(8).toString('hex')}`] };
  return { ...OPEN_URI, member: 'OpenURI', signature: 'ssa{sv}', body: ['', href, Object.entries(options)] };
}

/** If it has none, a portal shows a dialog without a choice. Those before version 5 don't tell. */
async function hasBrowser(bus: SessionBus, href: string): Promise<boolean> {
  const scheme = new URL(href).protocol.slice(0, -1);
  const question = { ...OPEN_URI, member: 'SchemeSupported', signature: 'sa{sv}', body: [scheme, []] };
  return (await bus.call(question).catch(() => true)) !== false;
}

/** A response may come before the reply that says which request it belongs to. */
async function collectResponses(bus: SessionBus) {
  const early = new Map<string, PortalAnswer>();
  let waiting: { readonly request: string; readonly resolve: (answer: PortalAnswer) => void } | undefined;
  await bus.listen('org.freedesktop.portal.Request', ({ path, member, body }: BusSignal) => {
    if (member !== 'Response') return;
    const answer = answerOf(body[0]);
    if (waiting?.request === path) waiting.resolve(answer);
    else early.set(path, answer);
  });
  return {
    of: (request: string): Promise<PortalAnswer> =>
      new Promise((resolve) => {
        const answer = early.get(request);
        if (answer === undefined) waiting = { request, resolve };
        else resolve(answer);
      }),
  };
}

/** "Response" of org.freedesktop.portal.Request: 0 is success, 1 means that the user canceled, 2 is anything else. */
function answerOf(response: unknown): PortalAnswer {
  switch (response) {
    case 0:
      return 'opened';
    case 1:
      return 'declined';
    default:
      return 'unavailable';
  }
}

/**
 * Whether what this process starts appears on the session's display. A user's sessions may share a bus, and then its
 * portal belongs to one of them. If the process is in another container, it can't be known and counts as true.
 */
function isOnDisplayOf(pid: number, env: NodeJS.ProcessEnv): boolean {
  const variables = environmentOf(pid);
  return (
    variables === undefined ||
    ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => {
      const value = env[name]?.replace(FIRST_SCREEN, '');
      return Boolean(value) && variables.some((line) => line.replace(FIRST_SCREEN, '') === `${name}=${value}`);
    })
  );
}

/** X11 has two names for it: `:0` and `:0.0`. */
const FIRST_SCREEN = /\.0$/;

function environmentOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return undefined;
  }
}
