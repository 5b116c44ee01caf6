/** RFC 6750 section 2.1 (`b64token`), which is RFC 9110's `token68`. Nothing in it starts JSON, a header, or a line. */
const TOKEN68 = /^[\w.~+/-]+=*$/;

/** Whether the value can be sent as a bearer token, and printed as one line that is only a token. */
export function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && TOKEN68.test(value);
}
