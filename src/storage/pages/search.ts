/** Text as a pattern of LIKE that means just these characters. */
const literally = (text: string) => text.replace(/[\\%_]/g, '\\$&')

/** Any row that contains the text. */
export const containing = (text: string): string => `%${literally(text)}%`

/**
 * Patterns for a text searched by trigrams. Three characters make one; fewer are looked for where a word begins, which the index can still
 * answer from.
 */
export const searchPatterns = (text: string): string[] => {
  const sought = text.trim()
  return sought.length >= 3 ? [containing(sought)] : [`${literally(sought)}%`, `% ${literally(sought)}%`]
}
