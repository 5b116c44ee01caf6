// In the binary, this takes the place of the npm package `jsonwebtoken`, with which MSAL signs the assertions of
// confidential clients. This program is a public client (RFC 6749, section 2.1) and has nothing to sign with. So
// `jsonwebtoken` and the 14 packages below it, most of them without a release in years, stay out.

function sign(): never {
  throw new Error('a public client signs no assertion');
}

export default { sign };
