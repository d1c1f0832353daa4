const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment as a router prints it: `Mar 13 2024` is not enough, `Mar 13 09:45:55 2024 UTC` is. */
export function moment(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  return `${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${time} ${date.getUTCFullYear()} UTC`
}

/** A span as a router prints it: `89 days, 23 hours, 50 minutes, 25 seconds`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'days'],
    [Math.floor(seconds / 3600) % 24, 'hours'],
    [Math.floor(seconds / 60) % 60, 'minutes'],
    [seconds % 60, 'seconds'],
  ]
  return parts.map(([number, unit]) => `${number} ${unit}`).join(', ')
}

/** Lines below a heading, two columns in. Lines that are undefined are left out. */
export const section = (heading: string, lines: (string | undefined)[]): string =>
  [heading, ...lines.filter(line => line !== undefined).map(line => `  ${line}`)].join('\n')

/** A heading underlined, as `show license all` has them. */
export const title = (text: string): string => `${text}\n${'='.repeat(text.length)}`

/** Text cut to a column of `width`, as a router cuts it: `Network Advan...`. */
export const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 3)}...`)
