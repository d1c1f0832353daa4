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

/**
 * Carries a container to the cloud and brings its answer. One interface, whatever the way: the container is the truth.
 * Refuses with CLOUD_UNREACHABLE, and with what to do about it, when no answer comes back.
 */
export type CloudCarrier = {
  carry(consignment: Consignment, credentials: CloudCredentials): Promise<Carried>
  ask(pollId: string, credentials: CloudCredentials): Promise<Carried>
}
