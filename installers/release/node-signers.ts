/**
 * Fingerprints of the keys that Node's releasers sign with: "Release keys" in the README of github.com/nodejs/node, and the
 * ones with which Docker's image of Node 26 checks its own. If a release has another signer, look there before adding the key.
 */
export const nodeSigners: readonly string[] = [
  // Antoine du Hamel
  '5BE8A3F6C8A5C01D106C0AD820B1A390B168D356',
  // Juan José Arboleda
  'DD792F5973C6DE52C432CBDAC77ABFA00DDBF2B7',
  // Marco Ippolito
  'CC68F5A3106FF448322E48ED27F5E38D5B0A215F',
  // Michaël Zasso
  '8FCCA13FEF1D0C2E91008E09770F7A9A5AE15600',
  // Rafael Gonzaga
  '890C08DB8579162FEE0DF9DB8BEAB4DFCF555EF4',
  // Richard Lau
  'C82FA3AE1CBEDC6BE46B9360C43CEC45C17AB93C',
  // Ruy Adorno
  '108F52B48DB57BB0CC439B2997B01419BD92F80A',
  // Stewart Addison
  '655F3B5C1FB3FA8D1A0CA6BDE4A7D232B936D2FD',
  // Ulises Gascón
  'A363A499291CBBC940DD62E41F10027AF002F8B0',
];
