/**
 * The JSON text that a FAILED reply carries in `message` (5.2): what the sentences are about, and the sentences.
 */
export const messageText = (field: string, ...sentences: string[]): string => JSON.stringify({ [field]: sentences })

/** One thing that is wrong with a message: where, in the contract's names, and what. */
export interface Problem {
  path: string
  what: string
}

/**
 * A message that cannot be read as the contract has it (`MALFORMED` of 5.7). `path` and `what` are the first problem found and `problems`
 * all of them. `nonce` is that of the request where one could be read: the reply is then signed and echoes it; without it the door can only
 * answer HTTP 400, unsigned.
 */
export class Malformed extends Error {
  readonly path: string
  readonly what: string
  readonly problems: readonly Problem[]
  nonce?: string

  constructor(path: string, what: string, problems: readonly Problem[] = [{ path, what }]) {
    super(`${path}: ${what}`)
    this.name = 'Malformed'
    this.path = path
    this.what = what
    this.problems = problems
  }

  /** The text of the reply: `{"<path>":["<what>"]}`, one member for each path. */
  get text(): string {
    const byPath = Map.groupBy(this.problems, problem => problem.path)
    return JSON.stringify(Object.fromEntries([...byPath].map(([path, problems]) => [path, problems.map(problem => problem.what)])))
  }
}
