/** The files whose words are checked. */
export const FILES = [
  '*.md',
  '{.github,deploy,docs,installers,test}/**/*.md',
  'src/**/*.ts',
  'scripts/**/*.{ts,mjs,ps1,sh}',
  'installers/**/*.{ts,ps1,sh}',
  'installers/linux/deb/*',
  'installers/macos/{preinstall,postinstall}',
  'deploy/**/*.{ps1,sh}',
  'bench/**/*.ts',
  'test/**/*.{ts,cjs}',
] as const;

/** Files that aren't checked: words that belong to someone else, and files without English. */
export const EXCEPT = [
  'src/sign-in-page/languages/!(en|messages)*',
  // OpenSSL's own sentences.
  'src/entra/transport/openssl-fault.ts',
] as const;
