import type { ErrorSpec } from './spec.ts';

export const NETWORK_ERRORS = {
  ERR_NETWORK: {
    category: 'network',
    message: "Microsoft's sign-in service can't be reached",
    hint: 'check the network connection; the host must be reachable on port 443',
    retryable: true,
    page: 'offline',
  },
  ERR_NETWORK_DNS: {
    category: 'network',
    message: "a server's name can't be resolved",
    hint: 'check the network connection and DNS; if the network needs a proxy, set or correct "proxy" or HTTPS_PROXY',
    retryable: true,
    page: 'offline',
  },
  ERR_NETWORK_TIMEOUT: {
    category: 'network',
    message: "Microsoft's sign-in service didn't answer in time",
    hint: 'check the network connection, the VPN, and the proxy, then try again',
    retryable: true,
    page: 'offline',
  },
  ERR_NETWORK_TLS: {
    category: 'network',
    message: "no secure connection to Microsoft's sign-in service is possible",
    hint: 'run "foundry-credential-helper doctor" to see what\'s wrong with the certificate',
    page: 'insecure',
  },
  ERR_NETWORK_PROXY: {
    category: 'network',
    message: "the proxy refused the connection to Microsoft's sign-in service",
    hint: 'allow the sign-in host in the proxy, or correct "proxy" or HTTPS_PROXY',
    page: 'network-blocks',
  },
  ERR_NETWORK_PROXY_AUTH: {
    category: 'network',
    message: 'the proxy asks for credentials',
    hint: 'correct the user name and password, or give them in "proxy" or HTTPS_PROXY; if the proxy accepts only Negotiate, NTLM, or Kerberos, run a relay such as Cntlm or Px and set "proxy" to it; or exempt the sign-in host from proxy authentication',
    page: 'network-password',
  },
  ERR_NETWORK_REPLY: {
    category: 'network',
    message: "a different server answered instead of Microsoft's sign-in service",
    hint: 'in a public network, open a browser and sign in to the network; otherwise ask the network team to check the proxy and DNS',
    retryable: true,
    page: 'network-sign-in',
  },
  ERR_NETWORK_IDENTITY: {
    category: 'network',
    message: 'the sign-in service replied for a different organization, application, or user',
    hint: 'check "cloud", "tenantId", and "clientId", then run "foundry-credential-helper logout" and "foundry-credential-helper login"; if it happens again, tell your IT department: something may be changing replies on the network',
    page: 'mixed-up',
  },
  ERR_THROTTLED: {
    category: 'network',
    message: "Microsoft's sign-in service is busy",
    hint: 'no action needed; it retries automatically',
    retryable: true,
    page: 'busy',
  },
  ERR_TOKEN_REJECTED: {
    category: 'network',
    message: "the last token was rejected, and a new one isn't available yet",
    hint: 'check the network connection, then try again',
    retryable: true,
  },
} as const satisfies Record<string, ErrorSpec>;
