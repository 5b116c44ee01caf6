// @peculiar/x509 registers its algorithms by tsyringe, which refuses to load without the Reflect metadata proposal.
// None of the registered classes takes constructor arguments, so there's no metadata to keep. Import before the
// package.
Object.assign(Reflect, {
  defineMetadata: () => undefined,
  getMetadata: () => undefined,
  getOwnMetadata: () => undefined,
  ...Reflect,
});
