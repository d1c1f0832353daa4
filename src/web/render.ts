import { createHash, randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { type Act, may, type Place } from '../rules/roles.ts'
import { forgetNotice, type Notice, updateSession } from '../storage/sessions.ts'
import { maskToken } from './csrf.ts'
import { pairNotice } from './pairNotice.ts'
import { fill } from './templates.ts'
import type { Visit, Visitor } from './visit.ts'

/** A page, and the part of it that is asked for alone when it moves. The handler does not know which was asked. */
export type View = { page: string; fragment: string }

const wantsFragment = (request: Request) => request.get('HX-Request-Type') === 'partial'

/** Whether a page asked by itself: no person was there, so it keeps no session awake. */
export const isUnattended = (request: Request): boolean => request.get('X-Unattended') !== undefined

/** What every template is given: who looks, where, and what their forms carry. */
function frame(visitor: Visitor, token: string) {
  const { signedIn, nonce, request } = visitor
  const { account } = visitor as Partial<Visit>
  return {
    nonce,
    token,
    here: request.path,
    user: signedIn?.user,
    theme: signedIn?.user.theme ?? 'system',
    account,
    lastAccount: account ?? signedIn?.lastAccount,
    openAlerts: signedIn?.openAlerts,
    may: (act: Act, place?: Place) => may(signedIn?.person, act, place ?? (account ? { localAccountId: account.id } : {})),
    // Asked by the Admin workspace's frame alone.
    pairNotice: () => (may(signedIn?.person, 'see server') ? pairNotice(visitor) : undefined),
    roleless: signedIn !== undefined && signedIn.person.assignments.length === 0,
  }
}

/**
 * Shows a page or its fragment, whichever was asked. A live part whose text is the same as before is not sent again. The notice that waits in
 * the session is told once, in a page or in a fragment.
 */
export function show(visitor: Visitor, view: View, model: object = {}, status = 200): void {
  const { request, response, signedIn } = visitor
  const partial = wantsFragment(request)
  const token = maskToken(visitor.formSecret)
  const notice = isUnattended(request) ? undefined : signedIn?.session.notice
  const html = fill(partial ? view.fragment : view.page, { ...frame(visitor, token), notice, ...model })
  response.status(status).vary('HX-Request-Type').type('html')
  const tag = partial ? tagOf(html, [visitor.nonce, token]) : undefined
  if (tag) response.set('HX-PTag', tag)
  // Only what asks by itself is spared an answer: a person who opens the same dialog twice wants to see it twice.
  if (tag && isUnattended(request) && request.get('HX-PTag') === tag) response.status(204).end()
  else if (!notice) response.send(html)
  // It is forgotten before it is told: the next page, however soon, does not tell it again.
  else void forget(visitor, notice).then(() => response.send(partial ? html + fill('shared/_notices.njk', { notice }) : html))
}

/** The same for two texts that differ only in what is made afresh for every answer. */
function tagOf(html: string, fresh: string[]): string {
  const same = fresh.reduce((text, part) => text.replaceAll(part, ''), html)
  return createHash('sha256').update(same).digest('base64url').slice(0, 22)
}

const forget = ({ context, signedIn }: Visitor, notice: Notice): Promise<void> =>
  forgetNotice(context.storage.db, signedIn!.session.idHash, notice).catch(error => context.log.error(error, 'A notice stays'))

/** Keeps a notice for the next page: what came of what was just done. */
export async function say({ context, session }: Visit, notice: Notice): Promise<void> {
  session.notice = { ...notice, id: randomUUID() }
  await updateSession(context.storage.db, session.idHash, { notice: session.notice })
}

/** After a change: on to a page by GET, so that reloading it changes nothing. htmx follows and gets that page's fragment. */
export const goTo = ({ response }: Visitor, path: string): void => response.redirect(303, path)

/**
 * Sends a browser on by a page, which goes by itself and has a link. Not by a redirection: a form's may lead nowhere else (Content-Security-Policy,
 * form-action), and one that began at another site takes no cookie of ours along (SameSite=Strict).
 */
export function sendOn(visitor: Visitor, to: string, model: { title: string; words: string }): void {
  visitor.response.set('Refresh', `0; url=${to}`)
  show(visitor, { page: 'public/onward.njk', fragment: 'public/onward.njk' }, { ...model, to })
}

/** Leaves the page altogether, also where only a part of it was asked for. */
export function leaveFor({ request, response }: Visitor, path: string): void {
  if (wantsFragment(request)) response.status(401).set('HX-Redirect', path).end()
  else response.redirect(303, path)
}

/** What went wrong, as a finished page; or, where a fragment was asked for, as a notice that leaves the page as it is. */
export function showError(visitor: Visitor, status: number, error: { title: string; words: string; number?: string }): void {
  const { request, response } = visitor
  const notice: Notice = { tone: 'danger', words: error.words, ...(error.number ? { more: `Number to quote: ${error.number}` } : {}) }
  if (wantsFragment(request)) response.status(status).set('HX-Reswap', 'none').type('html').send(fill('shared/_notices.njk', { notice }))
  else show(visitor, { page: 'error/index.njk', fragment: 'error/index.njk' }, { ...error, status }, status)
}
