import { Router } from 'express'
import type { Desk } from '../desk.ts'
import { listSmartAccounts } from '../store/accounts.ts'
import { createClient, listClients, revokeClient } from '../store/clients.ts'
import { show } from './render.ts'

/** OAuth clients: servers and scripts that may call this cloud. */
export function clientPages({ database, clock }: Desk): Router {
  const router = Router()
  const model = () => ({ here: 'clients', clients: listClients(database.read), smartAccounts: listSmartAccounts(database.read) })
  router.get('/clients', (_request, response) => show(response, 'clients', model()))
  router.post('/clients', async (request, response) => {
    const { name = '', smartAccount } = request.body as Record<string, string | undefined>
    const smartAccountId = smartAccount ? Number(smartAccount) : null
    const made = await database.write(db => createClient(db, { name, smartAccountId }, clock.now()))
    show(response, 'clients', { ...model(), made })
  })
  router.post('/clients/:id/revocation', async (request, response) => {
    await database.write(db => revokeClient(db, request.params.id))
    response.redirect(303, '/clients')
  })
  return router
}
