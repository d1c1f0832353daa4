const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as it stands in an element or an attribute. Characters that XML 1.0 cannot hold at all are left out. */
export const escapeXml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .toWellFormed()
    .replace(/[&<>"]/g, character => escapes[character]!)

/**
 * JSON as CDATA sections that a parser reads back to the same JSON. `]]>` is split over two of them (a hostname may hold it); the two
 * characters that JSON may hold and XML may not are written as JSON escapes, which the strings of the JSON decode to the same text.
 */
export function cdata(json: string): string {
  const printable = json.replace(/[\ufffe\uffff]/g, character => `\\u${character.charCodeAt(0).toString(16)}`)
  return `<![CDATA[${printable.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
}
