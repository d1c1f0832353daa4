/**
 * Reads what a router prints, line by line and by regular expressions, as the parsers of network automation do. Nothing here knows how the
 * output is made.
 */
type Fields = Record<string, string>

const field = /^ +(?<name>[A-Z][\w -]*(?: [\w-]+)*): (?<value>\S.*)$/
const heading = /^(?<heading>[A-Z][\w ]+):\s*$/
const license = /^(?<license>\S.*?) \((?<entitlement>[^()]+)\):$/

function sections(text: string): Map<string, Fields> {
  const found = new Map<string, Fields>()
  let current: Fields = {}
  for (const line of text.split('\n')) {
    const title = heading.exec(line)?.groups?.heading
    if (title || /^\S/.test(line)) current = {}
    if (title) found.set(title, current)
    const { name, value } = field.exec(line)?.groups ?? {}
    if (name && value && !(name in current)) current[name] = value
  }
  return found
}

/** `show license status`, and what `show license all` shares with it. */
export function parseStatus(text: string) {
  const all = sections(text)
  return {
    enabled: /^Smart Licensing is (?<state>\w+)$/m.exec(text)?.groups?.state,
    registration: all.get('Registration') ?? {},
    authorization: all.get('License Authorization') ?? {},
    transport: all.get('Transport') ?? {},
  }
}

/** `show license usage`: the fields of each license, by its two names. */
export function parseUsage(text: string): Map<string, Fields> {
  const found = new Map<string, Fields>()
  let current: Fields | undefined
  for (const line of text.split('\n')) {
    const names = license.exec(line)?.groups
    if (names || /^\S/.test(line)) current = names && {}
    if (names && current) found.set(`${names.license} (${names.entitlement})`, current)
    const { name, value } = field.exec(line)?.groups ?? {}
    if (current && name && value) current[name] = value
  }
  return found
}

const row = /^\s*(?<license>.+?)\s+\((?<entitlement>.+)\)\s+(?<count>\d+)\s+(?<status>.+)$/

/** The table of `show license summary`. */
export const parseSummary = (text: string): Fields[] =>
  text.split('\n').flatMap(line => {
    const groups = row.exec(line)?.groups
    return groups ? [{ ...groups }] : []
  })
