import { encode } from 'uqr';

export interface QrLine {
  readonly text: string;
  /** In columns of the terminal. */
  readonly width: number;
}

/** ISO/IEC 18004 asks for a quiet zone of 4 modules; on an even background 2 are enough for readers. */
const QUIET_ZONE = 2;
/** Black on bright white, whatever the terminal's colors: readers need dark modules on a light background. */
const BLACK_ON_WHITE = '\u001b[30;107m';
const RESET = '\u001b[0m';

/**
 * A QR code with two modules per character, one above the other. Without colors the blocks are the light modules, since
 * most terminals are dark; today's readers accept both.
 */
export function qrCode(text: string, { color }: { readonly color: boolean }): readonly QrLine[] {
  const { data, size } = encode(text, { border: QUIET_ZONE, ecc: 'L' });
  const isInk = (row: number, column: number): boolean => (row < size && data[row]?.[column] === true) === color;
  return Array.from({ length: Math.ceil(size / 2) }, (_, half) => {
    const blocks = Array.from({ length: size }, (__, column) =>
      block(isInk(2 * half, column), isInk(2 * half + 1, column)),
    ).join('');
    return { text: color ? `${BLACK_ON_WHITE}${blocks}${RESET}` : blocks, width: size };
  });
}

function block(upper: boolean, lower: boolean): string {
  if (upper) return lower ? '\u2588' : '\u2580';
  return lower ? '\u2584' : ' ';
}
