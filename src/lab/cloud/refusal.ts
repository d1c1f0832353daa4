import type { FileCode } from '../../wire/containerFault.ts'

/** The cloud says no: a code of 7.5 for the server that asked, and a sentence for the person behind it. */
export class CloudRefusal extends Error {
  readonly code: FileCode | 'INVALID'

  constructor(code: FileCode | 'INVALID', sentence: string) {
    super(sentence)
    this.name = 'CloudRefusal'
    this.code = code
  }
}

/** Refuses unless `condition` holds. */
export function refuseUnless(condition: unknown, code: CloudRefusal['code'], sentence: string): asserts condition {
  if (!condition) throw new CloudRefusal(code, sentence)
}
