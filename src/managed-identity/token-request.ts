export interface TokenRequest {
  /** For example `https://cognitiveservices.azure.com`. */
  readonly resource: string;
  /** Client ID of a user-assigned identity, if the client names one. */
  readonly clientId?: string;
}

const API_VERSION = '2019-08-01';
/** Other parameters that name a user-assigned identity. The only identity here is the user's. */
const OTHER_IDENTITIES = ['principal_id', 'object_id', 'mi_res_id', 'msi_res_id'];

/** Reads a query of the managed-identity protocol. Returns a text that says what's wrong, if anything is. */
export function parseTokenRequest(query: URLSearchParams): TokenRequest | string {
  const version = query.get('api-version');
  if (version !== API_VERSION) return `only api-version ${API_VERSION} is served`;
  const other = OTHER_IDENTITIES.find((name) => query.has(name));
  if (other !== undefined) return `there's no managed identity of that ${other} here: only the user's own sign-in`;
  const resource = query.get('resource');
  if (resource === null || resource === '' || resource.length > 500) return 'the parameter "resource" is missing';
  const clientId = query.get('client_id');
  return { resource, ...(clientId === null || clientId === '' ? {} : { clientId: clientId.slice(0, 100) }) };
}
