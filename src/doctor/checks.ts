import type { Check } from './check.ts';
import { agentCheck, filesCheck } from './checks/agent.ts';
import { apiKeyCheck } from './checks/api-key.ts';
import { appPackageCheck } from './checks/app-package.ts';
import { autostartCheck } from './checks/autostart.ts';
import { brokerCheck } from './checks/broker.ts';
import { configurationCheck } from './checks/configuration.ts';
import { desktopHeaderCheck, desktopHelperCheck, desktopProfileCheck } from './checks/desktop.ts';
import { desktopLogCheck } from './checks/desktop-log.ts';
import { desktopVersionCheck } from './checks/desktop-version.ts';
import { applicationCheck, tenantCheck } from './checks/entra.ts';
import { foldersCheck } from './checks/folders.ts';
import { accessChecks, endpointCheck } from './checks/foundry.ts';
import { keystoreCheck } from './checks/keystore.ts';
import { lifetimeCheck } from './checks/lifetime.ts';
import { clockCheck, dnsCheck, tlsCheck } from './checks/network.ts';
import { programPlaceCheck } from './checks/program-place.ts';
import { proxyCheck } from './checks/proxy.ts';
import { signInCheck } from './checks/sign-in.ts';
import { tokenCheck } from './checks/token.ts';
import type { DoctorContext } from './context.ts';

/** All checks, in the order to run and read them. */
export function allChecks(context: DoctorContext): readonly Check<DoctorContext>[] {
  return [...firstChecks, ...checksForAgent(context), ...lastChecks(context)];
}

/** About the agent, and about what doesn't depend on the environment of a process. */
export const firstChecks: readonly Check<DoctorContext>[] = [
  foldersCheck,
  agentCheck,
  filesCheck,
  autostartCheck,
  ...(process.platform === 'win32' ? [appPackageCheck] : []),
  programPlaceCheck,
];

/**
 * What the agent meets with its own environment and settings. With an API key, Entra's are "not needed": scripts find
 * each id.
 */
export function checksForAgent(context: DoctorContext): readonly Check<DoctorContext>[] {
  const withKey = hasApiKey(context);
  const withBroker = !withKey && context.resolution.settings.signInMethod.value === 'broker';
  return [
    configurationCheck,
    keystoreCheck,
    dnsCheck,
    proxyCheck,
    tlsCheck,
    clockCheck,
    tenantCheck,
    applicationCheck,
    ...(withBroker ? [brokerCheck] : []),
    signInCheck(withBroker),
    tokenCheck,
    ...(withKey ? [apiKeyCheck] : []),
    endpointCheck,
    ...accessChecks(context, withKey ? 'api-key' : 'token'),
    desktopProfileCheck,
    desktopHeaderCheck,
    lifetimeCheck,
  ];
}

/** About Claude Desktop's own program, and about this one, which runs doctor: the agent may be another version's. */
export function lastChecks(context: DoctorContext): readonly Check<DoctorContext>[] {
  return [desktopHelperCheck, desktopVersionCheck, desktopLogCheck(hasApiKey(context) ? 'api-key' : 'token')];
}

const hasApiKey = ({ resolution }: DoctorContext): boolean => resolution.settings.credential.value === 'api-key';
