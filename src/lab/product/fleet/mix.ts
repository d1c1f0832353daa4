import { UsageError } from '../commands/command.ts'

export const kinds = ['register', 'authorize', 'renew'] as const
export type Kind = (typeof kinds)[number]
/** What a fleet does, and how often in comparison. */
export type Mix = { kind: Kind; weight: number }[]

/** Reads `--mix`: kinds with commas between them, each with a weight behind a colon where it is not 1. Throws UsageError. */
export function parseMix(text: string): Mix {
  return text.split(',').map(part => {
    const [name = '', weight = '1'] = part.trim().split(':')
    const kind = kinds.find(known => known === name)
    if (!kind || !/^[1-9]\d{0,5}$/.test(weight)) {
      throw new UsageError(
        `--mix is a list of ${kinds.join(', ')}, such as register,authorize or authorize:9,renew:1; '${part}' is none of them.`,
      )
    }
    return { kind, weight: Number(weight) }
  })
}

/** The kinds of a mix over and over, each as often as it weighs, spread evenly. */
export function* inTurn(mix: Mix): Generator<Kind> {
  const total = mix.reduce((sum, { weight }) => sum + weight, 0)
  const owed = mix.map(entry => ({ ...entry, credit: 0 }))
  for (;;) {
    for (const entry of owed) entry.credit += entry.weight
    const next = owed.reduce((most, entry) => (entry.credit > most.credit ? entry : most))
    next.credit -= total
    yield next.kind
  }
}
