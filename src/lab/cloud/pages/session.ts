import type { Request, RequestHandler } from 'express'
import type { Desk } from '../desk.ts'
import { basicOf } from '../interface/router.ts'
import { hashOf, isSame, makeSecret } from '../secrets.ts'
import type { Db } from '../store/database.ts'
import { findSetting } from '../store/settings.ts'

const cookieName = '__Host-cloud'
const life = 8 * 3_600_000

/** Whether name and password are those of this cloud's person. */
export function isPerson(db: Db, username: string, password: string): boolean {
  const [name, secret] = [findSetting(db, 'username') ?? '', findSetting(db, 'password') ?? '']
  return isSame(username, name) && isSame(password, secret) && secret !== ''
}

/** Opens a session and gives the cookie's text: opaque, and a hash of it is kept. */
export function openSession(db: Db, now: Date): string {
  const id = makeSecret()
  db.run('delete from sessions where expires_at <= ?', now.getTime())
  db.run('insert into sessions values (?, ?)', hashOf(id), now.getTime() + life)
  return `${cookieName}=${id}; Path=/; Secure; HttpOnly; SameSite=Strict`
}

/** The cookie that ends the one before. */
export const noSession = `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`

const cookieOf = (request: Request) =>
  (request.get('cookie') ?? '')
    .split(/;\s*/)
    .find(each => each.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1)

/** Ends the session of a request. */
export const closeSession = (db: Db, request: Request): void =>
  void db.run('delete from sessions where id_hash = ?', hashOf(cookieOf(request) ?? ''))

/** Lets in whoever has signed in with the form, and scripts that send name and password with each request; everybody else gets the form. */
export function requirePerson({ database, clock }: Desk): RequestHandler {
  return (request, response, next) => {
    const db = database.read
    const basic = basicOf(request)
    const cookie = cookieOf(request)
    const isIn = basic
      ? isPerson(db, ...basic)
      : cookie && db.one('select 1 from sessions where id_hash = ? and expires_at > ?', hashOf(cookie), clock.now().getTime())
    if (isIn) next()
    else if (basic) response.status(401).type('text').send('The name or the password is wrong.')
    else response.redirect(303, `/sign-in?next=${encodeURIComponent(request.originalUrl)}`)
  }
}

/** A form that another site sends is refused: browsers say where a request comes from. */
export const refuseOtherSites: RequestHandler = (request, response, next) => {
  const site = request.get('sec-fetch-site')
  if (request.method === 'GET' || site === undefined || site === 'same-origin' || site === 'none') next()
  else response.status(403).type('text').send('This form was sent by another site.')
}
