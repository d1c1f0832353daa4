import { Router } from 'express'
import type { Desk } from '../desk.ts'
import { refuseUnless } from '../refusal.ts'
import { findRegistrationById, listRegistrations, removeRegistration } from '../store/registrations.ts'
import { listProducts, listUsage } from '../store/reports.ts'
import { show } from './render.ts'

const perPage = 50

/** On-Prem servers: what is registered, what each reported, and the way to take a registration away. */
export function serverPages({ database }: Desk): Router {
  const router = Router()
  const registrationOf = (id: string) => {
    const found = findRegistrationById(database.read, Number(id))
    refuseUnless(found, 'INVALID', 'There is no such registration.')
    return found
  }
  router.get('/servers', (_request, response) =>
    show(response, 'servers', { here: 'servers', registrations: listRegistrations(database.read) }),
  )
  router.get('/registrations/:id', (request, response) => {
    const registration = registrationOf(request.params.id)
    const after = typeof request.query.after === 'string' ? request.query.after : ''
    const products = listProducts(database.read, registration.id, after, perPage)
    show(response, 'registration', {
      here: 'servers',
      registration,
      reported: JSON.parse(registration.reported),
      usage: listUsage(database.read, registration.id),
      products,
      next: products.length === perPage ? products.at(-1)?.product_instance_identifier : undefined,
    })
  })
  router.post('/registrations/:id/removal', async (request, response) => {
    const { id } = registrationOf(request.params.id)
    await database.write(db => removeRegistration(db, id))
    response.redirect(303, '/servers')
  })
  return router
}
