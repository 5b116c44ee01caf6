// What `login --no-browser` draws while it waits, with an invented code. For the picture in docs/reference/login.md.
import { openLoginView } from '../../src/cli/login-view.ts';

const view = await openLoginView(false);
view.show({
  state: 'waiting',
  userCode: 'HJKM7PQRT',
  verificationUri: 'https://microsoft.com/devicelogin',
  // Shown as 14 minutes even if a slow computer takes most of a minute to draw it.
  expiresInMs: 14.99 * 60_000,
});
