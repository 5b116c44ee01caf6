// What to do about a refusal of Entra's, for this computer and this sign-in method. The error table's words are for all.
import type { AppError } from '../core/errors.ts';
import { brokerRedirectUri } from '../entra/broker/redirect-uri.ts';
import type { EntraConfiguration } from './entra-sign-in.ts';

export type SignInWay = Pick<EntraConfiguration, 'signInMethod' | 'clientId'>;

const BROKER_PAGE = 'docs/how-to/broker.md';

/** Undefined if the error table's hint says it all. */
export function remedyFor(error: AppError, way: SignInWay, platform = process.platform): string | undefined {
  const usesBroker = way.signInMethod === 'broker';
  switch (error.code) {
    case 'ERR_BROKER_REDIRECT':
      return platform === 'win32' || platform === 'linux'
        ? `an admin adds the redirect URI ${brokerRedirectUri(platform, way.clientId)} to the app registration in Entra, for mobile and desktop applications, in exactly these letters; or runs deploy/azure/setup.sh with --sign-in-method broker`
        : undefined;
    case 'ERR_BROKER_MISSING':
      return MISSING[platform];
    case 'ERR_DEVICE_REQUIRED':
      return usesBroker ? IN_INTUNE : `${IN_INTUNE}; then ${showDevice(platform)}`;
    case 'ERR_TOKEN_PROTECTION':
      if (platform !== 'win32') return EXCLUDE;
      return usesBroker
        ? `${EXCLUDE}, or enrolls this computer in a way that token protection supports`
        : `if this computer is enrolled, an admin sets "signInMethod" to "broker" (${BROKER_PAGE}); otherwise ${EXCLUDE}`;
    case 'ERR_POLICY_BLOCKED':
      return `an admin finds the Conditional Access policy in the Entra sign-in log by the correlation ID; ${forMethod(way, platform)}`;
    default:
      return undefined;
  }
}

const OTHER_METHOD = 'or an admin sets "signInMethod" to "browser" or "device-code" for this computer';

const MISSING: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: `run it in the desktop session of the user; install microsoft-identity-broker with the Microsoft Intune app, or himmelblau-broker (${BROKER_PAGE}); ${OTHER_METHOD}`,
  win32: `install a package of this program that was built with the Windows broker (${BROKER_PAGE}); ${OTHER_METHOD}`,
};

const IN_INTUNE = 'an admin checks in Intune whether this computer is enrolled and compliant';

const EXCLUDE =
  "an admin excludes this application or its users from the token protection policy in Entra; signing in again doesn't help";

/** How a sign-in shows the computer to Entra. */
function showDevice(platform: NodeJS.Platform): string {
  const browser = 'sets "signInMethod" to "browser" and has users sign in with a browser that shows it, such as Edge';
  return platform === 'win32' || platform === 'linux'
    ? `sets "signInMethod" to "broker" (${BROKER_PAGE}), or ${browser}`
    : browser;
}

function forMethod({ signInMethod }: SignInWay, platform: NodeJS.Platform): string {
  if (signInMethod === 'broker') return 'if it requires a device, they check this computer in Intune';
  const codes =
    'if it blocks device codes, set "signInMethod" to "browser", or "browserSignInFallback" to true, or exempt this application';
  const device = `if it requires a device, the admin ${showDevice(platform)}`;
  return signInMethod === 'device-code' ? `${codes}; ${device}` : device;
}
