/** The files whose words are checked. */
export const FILES = [
  'src/**/*.ts',
  'scripts/**/*.{ts,mjs,ps1,sh}',
  'installers/**/*.{ts,ps1,sh}',
  'installers/linux/deb/*',
  'installers/macos/{preinstall,postinstall}',
  'deploy/**/*.{ps1,sh}',
  'bench/**/*.ts',
  'test/**/*.{ts,cjs}',
] as const;

/** Files whose words belong to someone else, or that have no English. */
export const EXCEPT = [
  'src/sign-in-page/languages/!(en|messages)*',
  // OpenSSL's own sentences.
  'src/entra/transport/openssl-fault.ts',
] as const;
