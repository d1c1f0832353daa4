/** The steps of the way to the cloud, in their order; `answer` is what comes once the way is open. */
export const steps = ['settings', 'dns', 'tcp', 'proxy', 'tls', 'answer'] as const
export type Step = (typeof steps)[number]

/** Whom a step concerns: the cloud, a provider of identities, or the proxy before either, by its host. */
export type Peer = { kind: 'cloud' | 'provider' | 'proxy'; host: string }

/** Who stands at the end of a way. */
export type Target = Exclude<Peer['kind'], 'proxy'>

/** A step that failed. `code` is the platform's, or one of ours; `detail` is what the other side said of it, as far as it can be told. */
export class WayFault extends Error {
  readonly step: Step
  readonly peer: Peer
  readonly code: string
  readonly detail: string

  constructor(step: Step, peer: Peer, code: string, { detail = '', cause }: { detail?: string; cause?: unknown } = {}) {
    super(`${step} of the ${peer.kind}: ${code}`, { cause })
    this.name = 'WayFault'
    this.step = step
    this.peer = peer
    this.code = code
    this.detail = detail
  }
}

/** The platform's code of an error. Of several addresses that were tried, the one that tells most: a refusal, then silence. */
export function codeOf(error: unknown): string {
  const codes = [error, ...((error as AggregateError).errors ?? [])].map(each => (each as NodeJS.ErrnoException).code ?? '')
  const telling = ['ECONNREFUSED', 'ETIMEDOUT'].find(code => codes.includes(code))
  return telling ?? codes.find(Boolean) ?? 'UNKNOWN'
}
