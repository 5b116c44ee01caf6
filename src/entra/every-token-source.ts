import { type BrokerTokenSource, isBrokerRecord, type RefreshTokenSource, type TokenSource } from './token-source.ts';

/** One source for all sign-ins: a record is renewed by the one that it came from. Calls back when a call is over. */
export function everyTokenSource(msal: RefreshTokenSource, broker: BrokerTokenSource, done: () => void): TokenSource {
  return {
    refresh: (record, options) =>
      (isBrokerRecord(record) ? broker.refresh(record, options) : msal.refresh(record, options)).finally(done),
    signInWithDeviceCode: (options) => msal.signInWithDeviceCode(options).finally(done),
    signInWithBrowser: (options) => msal.signInWithBrowser(options).finally(done),
    signInWithBroker: (options) => broker.signInWithBroker(options).finally(done),
  };
}
