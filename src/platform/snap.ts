// What a snap's environment says about places. A program that a classic snap starts, such as a terminal in an editor,
// isn't confined: it's the user's own program on the user's own system, and only these variables still lead into the
// snap. https://snapcraft.io/docs/environment-variables
type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that launchers of snaps set, with one path or several. */
const PLACES = [
  ...['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'],
  ...['XDG_RUNTIME_DIR', 'XDG_DATA_DIRS', 'XDG_CONFIG_DIRS'],
];
/** The same for what programs are started with. */
const PROGRAMS = ['PATH', 'LD_LIBRARY_PATH', 'LD_PRELOAD', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'TMPDIR'];

/** Files or data of one snap, most of them of one version, which go with it: `/snap/code/182`, `~/snap/code/common`. */
const OF_SNAP = /\/snap\/[^/]+\/(?:x?\d+|current|common)(?:\/|$)/;
/** The sockets of one snap are below the session's folder. */
const SOCKETS = /^(\/run\/user\/\d+)\/snap\.[^/]+\/?$/;

/**
 * `env` without paths that lead into a snap. A confined snap has its home folder there, too, and can reach nothing
 * else, so its environment doesn't change.
 */
export function outsideSnap<E extends Environment>(env: E, names: readonly string[] = [...PLACES, ...PROGRAMS]): E {
  if (OF_SNAP.test(env['HOME'] ?? '')) return env;
  const isPlace = (name: string): boolean => names.includes(name);
  const entries = Object.entries(env).flatMap(([name, value]) => {
    const kept = value !== undefined && isPlace(name) ? outside(value) : value;
    return kept === undefined ? [] : [[name, kept]];
  });
  return Object.fromEntries(entries) as E;
}

/** The paths of a value that aren't a snap's. Undefined if none is left. */
function outside(value: string): string | undefined {
  const paths = value.replace(SOCKETS, '$1').split(':');
  const kept = paths.filter((path) => !OF_SNAP.test(path));
  return kept.length === 0 ? undefined : kept.join(':');
}

const left: Record<string, string> = {};

/** Makes this process use the user's own folders, as it does outside of the snap that started it. */
export function leaveSnap(env: NodeJS.ProcessEnv = process.env): void {
  const places = outsideSnap(env, PLACES);
  for (const name of PLACES) {
    const value = env[name];
    if (value === undefined || value === places[name]) continue;
    left[name] = value;
    if (places[name] === undefined) delete env[name];
    else env[name] = places[name];
  }
}

/** The variables that `leaveSnap` changed, as they were: for programs that aren't this program's business. */
export function variablesOfSnap(): Readonly<Record<string, string>> {
  return left;
}
