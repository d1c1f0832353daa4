/**
 * A registration token as it was made, whatever way it was pasted: with or without URL-encoding, with line breaks between or after its
 * parts (2.7). Text that only looks URL-encoded is left as it is.
 */
export function normaliseToken(token: string): string {
  return withoutUrlEncoding(token).replace(/\s+/g, '')
}

function withoutUrlEncoding(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    return token
  }
}
