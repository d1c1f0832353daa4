/** What a terminal can show. */
export type Terminal = { fullScreen: boolean; unicode: boolean; colour: boolean }

type Environment = { TERM?: string | undefined; NO_COLOR?: string | undefined }

/**
 * By the name of the terminal, which whoever signs in may set to anything: it is compared and nothing else, and no file is looked up by it. A plain
 * one gets plain lines and no colour; one that cannot place its cursor, line after line.
 */
export function terminalOf({ TERM = '', NO_COLOR }: Environment, { isTTY, linear }: { isTTY: boolean; linear: boolean }): Terminal {
  const known = /^[\w.+-]{1,40}$/.test(TERM)
  const plain = !known || /^(vt\d+|ansi|dumb|unknown|cons\d+)/.test(TERM)
  return { fullScreen: isTTY && !linear && known && !/^(dumb|unknown)$/.test(TERM), unicode: !plain, colour: !plain && !NO_COLOR }
}
