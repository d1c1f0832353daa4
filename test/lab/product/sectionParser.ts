/**
 * Reads `show license …` the way that templates of network automation do: a state for each section, a regular expression for each line that may
 * stand in it, an empty line leads back to the start, and a line that nothing matches is an error. It stops where such a parser would stop in
 * the field, and nothing here knows how the output is made.
 */
export type Parsed = Record<string, Record<string, string>>

const moment = String.raw`[A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2} \d{4} UTC`
const attempt = (name: string) => `(?<${name}>SUCCEEDED|FAILED|None)(?: on (?<${name}On>${moment}))?`
const line = (pattern: string) => new RegExp(`^ +${pattern}$`)
const reason = line(String.raw`Failure reason: (?<failureReason>\S.*)`)

const usageColumns = [
  line('License +Entitlement tag +Count +Status'),
  line('-+'),
  line('No licenses in use'),
  line(String.raw`(?<license>\S.*?) +\((?<tag>[^()]+)\) +(?<count>\d+) (?<status>[A-Z][A-Z ]+)`),
]

/** The lines of each section. */
const sections: Record<string, RegExp[]> = {
  Utility: [line('Status: (?<status>ENABLED|DISABLED)')],
  'Data Privacy': [
    line('Sending Hostname: (?<hostname>yes|no)'),
    line('(?:Callhome hostname|Smart Licensing hostname|Version) privacy: (?:ENABLED|DISABLED)'),
  ],
  Transport: [line('Type: (?<type>Smart|Callhome)'), line(String.raw`URL: (?<url>https?:\S+)`)],
  Registration: [
    line('Status: (?<status>REGISTERED|UNREGISTERED|REGISTERING)(?: - (?<detail>[A-Z ]+))?'),
    line(String.raw`Smart Account: (?<smartAccount>\S.*)`),
    line(String.raw`Virtual Account: (?<virtualAccount>\S.*)`),
    line('Export-Controlled Functionality: (?<export>ALLOWED|NOT ALLOWED)'),
    line(`Initial Registration: ${attempt('initial')}`),
    line(`Last Renewal Attempt: ${attempt('lastRenewal')}`),
    line(`Next Renewal Attempt: (?<nextRenewal>${moment})`),
    line(`Next Registration Attempt: (?<nextRegistration>${moment})`),
    line(`Registration Expires: (?<expires>${moment})`),
    line(`Registration Ended: (?<ended>${moment})`),
    line(String.raw`Reason: (?<endReason>\S.*)`),
    reason,
  ],
  'License Authorization': [
    line(
      `Status: (?<status>AUTHORIZED|OUT OF COMPLIANCE|AUTHORIZATION EXPIRED|EVAL MODE|EVAL EXPIRED|No Licenses in Use)(?: on (?<on>${moment}))?`,
    ),
    line(String.raw`Evaluation Period Remaining: (?<remaining>\d+ days, \d+ hours, \d+ minutes, \d+ seconds)`),
    line(`Last Communication Attempt: ${attempt('last')}`),
    line(`Next Communication Attempt: (?<next>${moment})`),
    line(`Communication Deadline: (?<deadline>${moment})`),
    reason,
  ],
  'License Conversion': [
    line('Automatic Conversion Enabled: (?<automatic>True|False)'),
    line(`Status: (?<status>Not started|IN PROGRESS|COMPLETED|FAILED)(?:(?: on|, started on) (?<on>${moment}))?`),
    line(`Next Poll: (?<nextPoll>${moment})`),
    reason,
    line(String.raw`(?:PAK|RTU|CLASSIC) \S.*, \d+: [A-Z_ ]+.*`),
  ],
  'License Usage': usageColumns,
}

const licenseLines = [
  line('Description: (?<description>.*)'),
  line(String.raw`Count: (?<count>\d+)`),
  line(String.raw`Version: (?<version>[\d.]+)`),
  line('Status: (?<status>[A-Z][A-Z ]+)'),
  line('Export status: (?<export>NOT RESTRICTED|RESTRICTED - (?:NOT )?ALLOWED)'),
  line(String.raw`Feature Name: (?<feature>\S+)`),
  line('Feature Description: .*'),
  line('Enforcement type: NOT ENFORCED'),
  line('License type: (?<type>Perpetual|Term|Subscription|Demo)'),
]

/** What may stand outside sections. */
const alone = [/^Smart Licensing is ENABLED$/, /^No licenses in use$/, /^$/]

/** The sections of a text, each with its values; a license in use is a section by its two names. Throws at the first line that nobody expects. */
export function parseSections(text: string): Parsed {
  const parsed: Parsed = {}
  let state: { name: string; lines: RegExp[] } | undefined
  for (const [index, text_] of text.split('\n').entries()) {
    if (text_ === '') state = undefined
    const opened = state ? undefined : opening(text_)
    if (opened) {
      state = opened
      parsed[opened.name] = {}
      continue
    }
    const match = (state?.lines ?? alone).map(pattern => pattern.exec(text_)).find(found => found !== null)
    if (!match) throw new Error(`Line ${index + 1} of ${state?.name ?? 'no section'} is unknown: '${text_}'`)
    if (state) keep(parsed, state.name, match.groups ?? {})
  }
  return parsed
}

function opening(text: string): { name: string; lines: RegExp[] } | undefined {
  const name = /^(?<name>[A-Z].*):$/.exec(text)?.groups?.name
  if (name === undefined) return undefined
  if (/\([^()]+\)$/.test(name)) return { name, lines: licenseLines }
  return sections[name] && { name, lines: sections[name] }
}

/** A row of the table is a section of its own. */
function keep(parsed: Parsed, section: string, groups: Record<string, string>): void {
  const values = Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined))
  if (values.tag) parsed[`${values.license} (${values.tag})`] = values
  else Object.assign(parsed[section]!, values)
}
