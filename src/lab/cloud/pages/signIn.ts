import { Router } from 'express'
import type { Desk } from '../desk.ts'
import { show } from './render.ts'
import { closeSession, isPerson, noSession, openSession } from './session.ts'

/** A path of this site, and nothing that leads anywhere else. */
const onward = (next: unknown) => (typeof next === 'string' && /^\/[^/\\]/.test(next) ? next : '/')

/** The form, signing in, signing out. */
export function signInPages({ database, clock }: Desk): Router {
  const router = Router()
  router.get('/sign-in', (request, response) => show(response, 'signIn', { next: onward(request.query.next) }))
  router.post('/sign-in', async (request, response) => {
    const { username = '', password = '', next } = request.body as Record<string, string | undefined>
    if (!isPerson(database.read, username, password)) {
      return show(response, 'signIn', { next: onward(next), username, sentence: 'The name or the password is wrong.' }, 403)
    }
    response.set('Set-Cookie', await database.write(db => openSession(db, clock.now())))
    response.redirect(303, onward(next))
  })
  router.post('/sign-out', async (request, response) => {
    await database.write(db => closeSession(db, request))
    response.set('Set-Cookie', noSession).redirect(303, '/sign-in')
  })
  return router
}
