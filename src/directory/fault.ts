/** The steps of asking a directory, in their order. */
export const directorySteps = ['dns', 'tcp', 'tls', 'bind', 'search', 'password', 'groups'] as const
export type DirectoryStep = (typeof directorySteps)[number]

/** Is told of each step that has held, with what was found. */
export type Witness = (step: DirectoryStep, found: string) => void

/** A step that failed: which, and a sentence with what to do, for administrators. `isOutage`: another server of the directory may do better. */
export class DirectoryFault extends Error {
  readonly step: DirectoryStep
  readonly isOutage: boolean

  constructor(step: DirectoryStep, sentence: string, isOutage: boolean) {
    super(sentence)
    this.name = 'DirectoryFault'
    this.step = step
    this.isOutage = isOutage
  }
}
