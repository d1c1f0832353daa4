import { Router } from 'express'
import type { Desk } from '../desk.ts'
import { faultNames, findFaults, putFaults } from '../faults.ts'
import { refuseUnless } from '../refusal.ts'
import { show } from './render.ts'

/** Faults on demand: each with how many of the next exchanges it strikes, or by how much. A script may ask for them as JSON. */
export function faultPages({ database }: Desk): Router {
  const router = Router()
  router.get('/faults', (request, response) => {
    const faults = findFaults(database.read)
    if (request.accepts(['html', 'json']) === 'json') response.json(faults)
    else show(response, 'faults', { here: 'faults', faults })
  })
  router.post('/faults', async (request, response) => {
    const fields = request.body as Record<string, string | undefined>
    const given = faultNames.filter(name => fields[name] !== undefined).map(name => [name, Number(fields[name])] as const)
    const isWhole = given.every(([name, value]) => Number.isInteger(value) && (value >= 0 || name === 'wrongClockHours'))
    refuseUnless(isWhole, 'INVALID', 'Give whole numbers; only the hours of a wrong clock may be below 0.')
    await database.write(db => putFaults(db, Object.fromEntries(given)))
    response.redirect(303, '/faults')
  })
  return router
}
