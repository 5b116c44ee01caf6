/** Variables that programs need, and those of the tests and of what shows their results. */
const KEPT =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|CI|LONG|FUZZ_SEED|CHROMIUM|NO_COLOR|FORCE_COLOR|VITEST\w*|npm_\w+|GITHUB_\w+|DOTNET_\w+)$/;

/**
 * The environment for all tests: nothing from the developer's shell that a program under test could act on, such as a
 * proxy, a language, a time zone, a display, or options for Node. On Windows, where programs need far more, it doesn't
 * change.
 */
export function environmentForTests(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string | undefined> {
  if (platform === 'win32') return env;
  const kept = Object.entries(env).filter(([name]) => KEPT.test(name));
  return { ...Object.fromEntries(kept), LANG: 'C.UTF-8', TZ: 'UTC' };
}

/** Makes it this process's environment, for the processes that it starts. They also make files as most systems do. */
export function useEnvironmentForTests(): void {
  const env = environmentForTests();
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.umask(0o022);
}
