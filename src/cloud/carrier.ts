/** As whom the cloud lets a server in: an OAuth client of the cloud. */
export type CloudCredentials = { clientId: string; clientSecret: string }

/** What is carried: a container, and for whom, as the cloud's `X-CSW-*` headers say it. Ids are null before the registration. */
export type Consignment = {
  exchange: 'registration' | 'synchronization'
  container: string
  serverUuid: string
  smartAccountId: string | null
  virtualAccountId: string | null
}

/** What the cloud answered to a carried exchange: a container, "ask again", or a refusal in its own words. */
export type Carried =
  | { status: 'complete'; container: string }
  | { status: 'waiting'; pollId: string; intervalSeconds: number }
  | { status: 'refused'; code: string; sentence: string }

/** The steps of a trial of the way, in their order. What a step found, or why it failed and what to do, is its sentence. */
export const triedSteps = ['settings', 'dns', 'tcp', 'proxy', 'tls', 'sign-in', 'clock'] as const
export type TriedStep = { step: (typeof triedSteps)[number]; outcome: 'passed' | 'warning' | 'failed' | 'skipped'; sentence: string }

/**
 * Carries a container to the cloud and brings its answer. One interface, whatever the way: the container is the truth.
 * Refuses with CLOUD_UNREACHABLE, and with what to do about it, when no answer comes back.
 */
export type CloudCarrier = {
  /** `sent` hears how many bytes of how many have gone. */
  carry(consignment: Consignment, credentials: CloudCredentials, sent?: (bytes: number, of: number) => void): Promise<Carried>
  ask(pollId: string, credentials: CloudCredentials): Promise<Carried>
  /** Tries the way without carrying anything, and says how each step went; without credentials all but the sign-in. */
  tryOut(credentials: CloudCredentials | undefined, now: () => Date): Promise<TriedStep[]>
}
