import { errorCatalog } from '../../core/errors.ts';
import { failuresEn } from './failures-en.ts';
import type { Messages } from './messages.ts';

export const en: Messages = {
  application: 'Claude Desktop',
  purpose: 'Sign-in for Claude Desktop',
  applicationPurpose: 'Sign-in with your work account',
  footer: 'This page comes from your own computer and never asks for your password.',
  opensInNewTab: 'opens in a new tab',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Selected: now press Ctrl+C (on a Mac ⌘C)',
  starting: {
    title: 'Preparing your sign-in',
    text: 'This takes a moment.',
  },
  waiting: {
    title: 'Sign in to use Claude',
    text: 'Claude needs your work account. This takes about a minute.',
    announcement: 'Your sign-in code is ready.',
    copyCode: 'Copy this code',
    codeLabel: 'Code:',
    openPage: 'Paste it on Microsoft’s page',
    openPageHint: 'copies the code too',
    openButton: 'Open Microsoft’s page',
    opens: 'Opens',
    openByHand: 'Doesn’t open? Type this address into any browser, for example on your phone.',
    accountLabel: 'Account to use',
    comeBack: 'Come back here',
    comeBackHint: 'This page updates when you’ve signed in.',
    live: 'Waiting for you',
    remaining: (minutes) => {
      if (minutes === 0) return 'less than a minute left';
      return minutes === 1 ? 'about 1 minute left' : `about ${minutes} minutes left`;
    },
    warningTitle: 'Were you using Claude on this computer just now?',
    warning: 'Continue only if you were. Never enter a code that someone sent you, no matter who they say they are.',
    cancel: 'Cancel sign-in',
  },
  browser: {
    title: 'Sign in to use Claude',
    text: 'Claude needs your work account. You sign in on Microsoft’s own page, which then brings you back here.',
    button: 'Continue to Microsoft',
    hint: 'in this window',
    warning: 'Continue only if you were. If you weren’t, cancel and tell your IT department.',
  },
  finishing: {
    title: 'Finishing your sign-in',
    text: 'Microsoft has answered. This takes a moment.',
    goOn: 'Continue',
  },
  signedIn: {
    title: 'You are signed in',
    accountLabel: 'Account',
    text: 'You can close this window and go back to Claude.',
  },
  declined: {
    title: 'The sign-in was declined',
    text: 'You declined it on Microsoft’s page. If you didn’t mean to, get a new code and try again.',
    browserText: 'You declined it on Microsoft’s page. If you didn’t mean to, try again.',
  },
  expired: {
    title: 'This code has expired',
    text: 'Codes are valid for a short time only. Nothing is lost: get a new one and continue.',
    blockedHint: 'If Microsoft’s page said that you can’t sign in this way, your organization blocks codes.',
    browserTitle: 'This sign-in has expired',
    browserText: 'It wasn’t finished in time. Nothing is lost: try again.',
  },
  newCode: 'Get a new code',
  otherAccount: {
    title: 'You used a different account',
    text: 'Claude on this computer is set up for one account only. Nothing from the other account was saved.',
    signedInLabel: 'You signed in with',
    expectedLabel: 'Expected account',
    codeAdvice:
      'Get a new code. If Microsoft’s page doesn’t ask which account to use, choose “Use another account” there.',
    browserAdvice: 'Try again: Microsoft’s page then lets you choose the account.',
  },
  previous: {
    ended: (date) => `Your last sign-in stopped working on ${date}:`,
    ends: {
      revoked: 'the password was changed, or someone revoked the sign-in',
      unused: 'it was unused for too long',
      'too-old': 'your organization requires a new sign-in from time to time',
      'codes-blocked': 'your organization doesn’t allow sign-in with a code',
    },
  },
  cancelled: {
    title: 'The sign-in was canceled',
    text: 'You can close this window. To sign in later, go back to Claude and start again.',
  },
  blocked: {
    browserOffer: 'You may be able to sign in without a code, on Microsoft’s page in this browser.',
    useBrowser: 'Sign in without a code',
    otherAdvice: 'If that doesn’t work, your IT department can help. Send them the text below.',
    reportTitle: 'For your IT department',
    copyReport: 'Copy text for IT',
  },
  failed: {
    tryAgain: 'Try again',
    reportTitle: 'Details for your IT department',
  },
  report: {
    title: 'Sign-in for Claude Desktop failed',
    colon: ': ',
    code: 'Error',
    problem: 'Problem',
    remedy: 'Remedy',
    correlationId: 'Correlation ID',
  },
  lost: {
    title: 'The sign-in is no longer running',
    text: 'The sign-in program on this computer doesn’t answer. Go back to Claude and start again.',
  },
  replaced: {
    title: 'Close this page',
    text: 'A different program on this computer answered instead of the sign-in. Don’t follow anything it shows. Close this page, go back to Claude, and start again.',
  },
  alreadyOpened: {
    title: 'This page was already opened',
    text: 'For your safety, its address works only once. If you can’t find it in another window, go back to Claude and start again.',
  },
  notHere: {
    title: 'This page is no longer valid',
    text: 'Go back to Claude and start the sign-in again.',
  },
  failures: failuresEn,
  errors: errorCatalog,
};
