/**
 * The bytes of a standard base64 text with its padding, or null when it is none. Line breaks are let in, because encoders of embedded
 * agents put them there. Buffer alone would skip over any other stray character in silence, and over a lost end too.
 */
export function decodeBase64(text: string): Buffer | null {
  const compact = text.replace(/[\r\n\t ]+/g, '')
  if (compact.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(compact.replace(/={1,2}$/, ''))) return null
  return Buffer.from(compact, 'base64')
}

/** The bytes of a base64url text without padding (RFC 7515), or null when it is none. */
export function decodeBase64Url(text: string): Buffer | null {
  if (/[^A-Za-z0-9_-]/.test(text) || text.length % 4 === 1) return null
  return Buffer.from(text, 'base64url')
}
