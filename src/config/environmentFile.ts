/** A value in quotes, as systemd reads it: single quotes take everything as it stands, double quotes know \\ before a character. */
function unquoted(value: string): string {
  if (/^'[^']*'$/.test(value)) return value.slice(1, -1)
  if (/^"(?:[^"\\]|\\.)*"$/.test(value)) return value.slice(1, -1).replace(/\\(.)/g, '$1')
  return value
}

/**
 * Reads the text of a file of settings: a name, "=" and a value a line; "#" and ";" begin a comment line. It is the form of systemd's
 * EnvironmentFile, so that one file serves the unit and a hand-started server. Refuses anything else by the number of its line.
 */
export function readEnvironmentFile(text: string, file: string): Record<string, string> {
  const values: Record<string, string> = {}
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*([#;].*)?$/.test(line)) return
    const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`${file}, line ${index + 1}: this is not NAME=value.`)
    values[name] = unquoted(value.trim())
  })
  return values
}
