/** Escape sequences whole (CSI, OSC, DCS and their like, and two-letter ones), so that nothing of them is left to be read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const sequences = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[PX^_\]][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x9b[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?/g
/** What is left of control characters, and marks that turn the direction of what is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * Text of others (logs, file names, what a program said) as it may be drawn: without anything that a terminal would obey, tabs as spaces. Line ends
 * stay, for the caller to cut at.
 */
export const plain = (text: string): string =>
  text.replace(/\r\n/g, '\n').replace(sequences, '').replaceAll('\t', '    ').replace(controls, '')

/** JSON on one line in which control characters beyond those that JSON escapes itself are escaped too. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const likeness: Record<string, string> = {
  '–': '-',
  '—': '-',
  '−': '-',
  '·': '-',
  '•': '*',
  '…': '.',
  '“': '"',
  '”': '"',
  '„': '"',
  '‘': "'",
  '’': "'",
  ß: 's',
}

/** Text for a terminal that has the signs of ASCII alone: letters without their marks, and what is alike; a sign for a sign, so that columns stay. */
export const inAscii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e\n]/gu, sign => likeness[sign] ?? '?')
