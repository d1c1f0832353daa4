/** How to reach the cloud, and as whom. */
export type CloudCredentials = { clientId: string; clientSecret: string }

/** What the cloud answered to a carried exchange: a container, "ask again", or a refusal in its own words. */
export type Carried =
  | { status: 'complete'; container: string }
  | { status: 'waiting'; pollId: string; intervalSeconds: number }
  | { status: 'refused'; code: string; sentence: string }

/** Carries a container to the cloud and brings its answer. One interface, whatever the way: the container is the truth. */
export type CloudCarrier = {
  carry(exchange: 'registration' | 'synchronization', container: string, credentials: CloudCredentials): Promise<Carried>
  ask(pollId: string, credentials: CloudCredentials): Promise<Carried>
}
