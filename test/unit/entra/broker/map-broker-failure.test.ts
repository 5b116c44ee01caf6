import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { BROKER_STATUSES, BrokerFailure, type BrokerFault } from '../../../../src/entra/broker/broker.ts';
import { mapBrokerFailure, needsDialog } from '../../../../src/entra/broker/map-broker-failure.ts';
import { isRefreshTokenDead } from '../../../../src/entra/replies/map-error.ts';
import { brokerRefusals } from '../../../support/servers/identity-broker-replies.ts';

const CORRELATION_ID = '0a1b2c3d-1111-4222-8333-444455556666';
const call = { correlationId: CORRELATION_ID, scope: 'https://cognitiveservices.azure.com/.default' };
const silently = { ...call, isInteractive: false };
const interactively = { ...call, isInteractive: true };

/** The faults as which an implementation of `Broker` reports the refusals of the tests' broker. */
const FAULTS = {
  unexpected: 'Unexpected',
  mfaRequired: 'InteractionRequired',
  blocked: 'InteractionRequired',
  deviceNotCompliant: 'InteractionRequired',
  ended: 'InteractionRequired',
  consentRequired: 'InteractionRequired',
  offline: 'NoNetwork',
  networkUnsteady: 'NetworkTemporarilyUnavailable',
  busy: 'ServerTemporarilyUnavailable',
  invalidRequest: 'ApiContractViolation',
  canceledByUser: 'UserCanceled',
  canceledByApplication: 'ApplicationCanceled',
  redirectUri: 'IncorrectConfiguration',
  unknownApplication: 'IncorrectConfiguration',
  accountDisabled: 'AccountUnusable',
  accountNotFound: 'AccountNotFound',
  notEnrolled: 'DeviceNotRegistered',
} as const satisfies Partial<Record<keyof typeof brokerRefusals, BrokerFault>>;

function failure(name: keyof typeof FAULTS): BrokerFailure {
  const { context, tag }: { readonly context?: string; readonly tag?: number } = brokerRefusals[name];
  return new BrokerFailure(FAULTS[name], { context, tag });
}

describe('a refusal of the broker', () => {
  it.each([
    ['unexpected', 'ERR_BROKER', 'Unexpected, tag 508634112'],
    ['mfaRequired', 'ERR_SIGN_IN_STEP_REQUIRED', 'AADSTS50076'],
    ['blocked', 'ERR_POLICY_BLOCKED', 'AADSTS53003'],
    ['deviceNotCompliant', 'ERR_DEVICE_REQUIRED', 'AADSTS53000'],
    ['ended', 'ERR_SIGN_IN_STEP_REQUIRED', 'AADSTS50173'],
    ['consentRequired', 'ERR_CONSENT_REQUIRED', 'AADSTS65001'],
    ['offline', 'ERR_NETWORK', 'NoNetwork'],
    ['networkUnsteady', 'ERR_NETWORK', 'NetworkTemporarilyUnavailable'],
    ['busy', 'ERR_THROTTLED', 'ServerTemporarilyUnavailable'],
    ['invalidRequest', 'ERR_BROKER', 'ApiContractViolation'],
    ['canceledByUser', 'ERR_SIGN_IN_DECLINED', 'UserCanceled'],
    ['canceledByApplication', 'ERR_SIGN_IN_CANCELLED', 'ApplicationCanceled'],
    ['redirectUri', 'ERR_BROKER_REDIRECT', 'AADSTS50011'],
    ['unknownApplication', 'ERR_ENTRA_APP_UNKNOWN', 'AADSTS700016 ("clientId")'],
    ['accountDisabled', 'ERR_ACCOUNT_DISABLED', 'AADSTS50057'],
    ['accountNotFound', 'ERR_SIGN_IN_REQUIRED', 'AccountNotFound'],
    ['notEnrolled', 'ERR_BROKER_NOT_ENROLLED', 'DeviceNotRegistered'],
  ] as const)('"%s" is %s', (name, code, detail) => {
    expect(mapBrokerFailure(failure(name), silently)).toMatchObject({ code, detail, correlationId: CORRELATION_ID });
  });

  it.each(BROKER_STATUSES)('%s never ends the sign-in, whatever Entra says about it', (status) => {
    for (const context of ['AADSTS50173: revoked', 'AADSTS70008: too old', 'AADSTS530036: no codes', undefined]) {
      expect(isRefreshTokenDead(mapBrokerFailure(new BrokerFailure(status, { context }), silently))).toBe(false);
    }
  });

  it("keeps the status's meaning and shows Entra's sentence if the number isn't a known one", () => {
    const context = 'AADSTS999999: The moon is in the wrong place. Trace ID: 1';
    expect(mapBrokerFailure(new BrokerFailure('InteractionRequired', { context }), silently)).toMatchObject({
      code: 'ERR_SIGN_IN_STEP_REQUIRED',
      detail: 'AADSTS999999',
      reason: expect.stringContaining('The moon is in the wrong place') as string,
    });
  });

  it('says what is missing in place of a status', () => {
    const missing = new BrokerFailure('Missing', { detail: 'no broker is on the session bus' });
    expect(mapBrokerFailure(missing, silently)).toMatchObject({
      code: 'ERR_BROKER_MISSING',
      detail: 'no broker is on the session bus',
    });
  });

  it.each([
    ['TimedOut', 'ERR_NETWORK_TIMEOUT'],
    ['Gone', 'ERR_BROKER'],
    ['Malformed', 'ERR_BROKER'],
  ] as const)('%s, without an answer, is %s', (fault, code) => {
    expect(mapBrokerFailure(new BrokerFailure(fault), silently).code).toBe(code);
  });

  it('never repeats the words of the broker, which may name accounts', () => {
    for (const status of BROKER_STATUSES) {
      const context = 'AADSTS50076: ada@contoso.example must use it. {"upn":"ada@contoso.example"}';
      for (const how of [silently, interactively]) {
        const error = mapBrokerFailure(new BrokerFailure(status, { context }), how);
        expect(`${error.message} ${error.reason} ${error.detail} ${error.hint}`).not.toContain('ada');
      }
    }
  });

  it("doesn't explain a dialog that the user closed by a number", () => {
    const context = 'AADSTS50076: multifactor authentication';
    expect(mapBrokerFailure(new BrokerFailure('UserCanceled', { context }), interactively).code).toBe(
      'ERR_SIGN_IN_DECLINED',
    );
  });
});

describe('the dialog', () => {
  it.each([
    ['mfaRequired', true],
    ['ended', true],
    ['blocked', false],
    ['consentRequired', true],
    ['accountDisabled', true],
    ['accountNotFound', true],
    ['offline', false],
    ['notEnrolled', false],
    ['redirectUri', false],
    ['canceledByUser', false],
    ['unexpected', false],
  ] as const)('after "%s" can help: %s', (name, helps) => {
    expect(needsDialog(mapBrokerFailure(failure(name), silently))).toBe(helps);
  });

  it("can't help if there's no broker", () => {
    expect(needsDialog(new AppError('ERR_BROKER_MISSING'))).toBe(false);
  });
});
