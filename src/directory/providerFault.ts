/** The steps of asking a provider of identities, in their order. */
export const providerSteps = ['dns', 'tcp', 'proxy', 'tls', 'discovery', 'keys', 'client', 'answer'] as const
export type ProviderStep = (typeof providerSteps)[number]

/** Is told of each step that has held, with what was found. */
export type ProviderWitness = (step: ProviderStep, found: string) => void

/** A step that failed: which, and a sentence with what to do, for administrators. */
export class ProviderFault extends Error {
  readonly step: ProviderStep

  constructor(step: ProviderStep, sentence: string, cause?: unknown) {
    super(sentence, { cause })
    this.name = 'ProviderFault'
    this.step = step
  }
}
