import { type HttpVisitor, httpVisitor } from '../support/httpVisitor.ts'
import { castPassword, hire } from '../support/people.ts'
import type { Place } from './place.ts'

const signedIn = new WeakMap<Place, Promise<HttpVisitor>>()

/** A System Administrator in the workspaces of the measured server, hired and signed in once. */
export function administratorAt(place: Place): Promise<HttpVisitor> {
  const ada = signedIn.get(place) ?? signIn(place)
  signedIn.set(place, ada)
  return ada
}

async function signIn({ context, account: { account, place }, server }: Place): Promise<HttpVisitor> {
  const { username } = await hire(context, 'Ada', { localAccountId: account.id, localVirtualAccountId: place.id })
  const visitor = httpVisitor(server.ready.https)
  await visitor.signIn(username, castPassword)
  return visitor
}
