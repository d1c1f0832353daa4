/** One measure: its name, what it tells, whether it only ever grows, and its values by labels. */
export type Family = {
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: { labels?: Record<string, string>; value: number }[]
}

/** A measure of the server as a whole. */
export const single = (name: string, help: string, value: number): Family => ({ name, help, type: 'gauge', samples: [{ value }] })
