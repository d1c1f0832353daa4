/** What a setting's name says of its value: these have, or may have, a secret in them. */
const secretName = /pass|secret|token|key|credential|url|proxy/i

/** A file of settings, or any lines NAME=value, without the values that may be secret. */
export const redactSettings = (text: string): string =>
  text.replace(/^(\s*[\w.-]+)=(.*)$/gm, (line, name: string, value: string) =>
    secretName.test(name) && value !== '' ? `${name}=[left out]` : line,
  )

/** What stands in a log, a status or a list and may be a secret, by its look or by the word before it. */
const patterns: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*(PRIVATE KEY)-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[a private key, left out]'],
  // user:password@host, in whatever address.
  [/(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi, '$1:[left out]@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [left out]'],
  [
    /("?[\w-]*(?:password|passphrase|passwd|secret|token|api[_-]?key|private[_-]?key|client[_-]?secret|authorization|cookie)[\w-]*"?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    '$1[left out]',
  ],
  // Tokens, keys and hashes are long words; what is left has no name that long.
  [/\b[A-Za-z\d+_-]{40,}={0,2}(?![\w/.-])/g, '[a long word, left out]'],
]

/** A text without what may be secret, and without each of the words that are known to be. */
export function redact(text: string, known: readonly string[] = []): string {
  const cleaned = known.filter(word => word.length >= 6).reduce((rest, word) => rest.replaceAll(word, '[left out]'), text)
  return patterns.reduce((rest, [pattern, words]) => rest.replace(pattern, words), cleaned)
}
