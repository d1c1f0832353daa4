import { type Request, Router } from 'express'
import { type LicenseType, licenseTypes } from '../../../wire/exchange/entitlements.ts'
import type { Desk } from '../desk.ts'
import { standing } from '../exchange/entitlements.ts'
import { refuseUnless } from '../refusal.ts'
import {
  createSmartAccount,
  createVirtualAccount,
  findSmartAccount,
  findVirtualAccount,
  listSmartAccounts,
  listVirtualAccounts,
  renameVirtualAccount,
  setDirectProducts,
} from '../store/accounts.ts'
import { listTags } from '../store/catalog.ts'
import type { Db } from '../store/database.ts'
import { buy, listPurchases, removePurchase, setQuantity } from '../store/purchases.ts'
import { findRegistrationOf } from '../store/registrations.ts'
import { listUsage } from '../store/reports.ts'
import { show } from './render.ts'

type Fields = Record<string, string | undefined>
const fieldsOf = (request: Request) => (request.body ?? {}) as Fields

/** Smart Accounts, their Virtual Accounts, and the licenses of each. */
export function accountPages({ database, clock }: Desk): Router {
  const router = Router()
  router.get('/smart-accounts', (_request, response) =>
    show(response, 'smartAccounts', { here: 'accounts', smartAccounts: listSmartAccounts(database.read) }),
  )
  router.post('/smart-accounts', async (request, response) => {
    const { id } = await database.write(db => createSmartAccount(db, fieldsOf(request).name ?? '', clock.now()))
    response.redirect(303, `/smart-accounts/${id}`)
  })
  router.get('/smart-accounts/:id', (request, response) => {
    const smartAccount = smartAccountOf(database.read, request.params.id)
    const virtualAccounts = listVirtualAccounts(database.read, smartAccount.id)
    show(response, 'smartAccount', { here: 'accounts', smartAccount, virtualAccounts })
  })
  router.post('/smart-accounts/:id/virtual-accounts', async (request, response) => {
    const { id } = await database.write(db =>
      createVirtualAccount(db, smartAccountOf(db, request.params.id).id, fieldsOf(request).name ?? '', clock.now()),
    )
    response.redirect(303, `/virtual-accounts/${id}`)
  })
  router.get('/virtual-accounts/:id', (request, response) => {
    show(response, 'virtualAccount', { here: 'accounts', ...virtualAccountModel(database.read, request.params.id, clock.now()) })
  })
  router.post('/virtual-accounts/:id/name', (request, response) =>
    change(request.params.id, response, (db, id) => renameVirtualAccount(db, id, fieldsOf(request).name ?? '')),
  )
  router.post('/virtual-accounts/:id/direct-products', (request, response) =>
    change(request.params.id, response, (db, id) => setDirectProducts(db, id, Number(fieldsOf(request).count))),
  )
  router.post('/virtual-accounts/:id/licenses', (request, response) =>
    change(request.params.id, response, (db, id) => void buy(db, lotOf(id, fieldsOf(request)))),
  )
  router.post('/virtual-accounts/:id/licenses/:lot/quantity', (request, response) =>
    change(request.params.id, response, (db, id) => setQuantity(db, id, Number(request.params.lot), Number(fieldsOf(request).quantity))),
  )
  router.post('/virtual-accounts/:id/licenses/:lot/removal', (request, response) =>
    change(request.params.id, response, (db, id) => removePurchase(db, id, Number(request.params.lot))),
  )
  return router

  /** Changes a Virtual Account, and goes back to its page. */
  async function change(id: string, response: { redirect(status: number, path: string): void }, work: (db: Db, id: number) => void) {
    await database.write(db => work(db, virtualAccountOf(db, id).id))
    response.redirect(303, `/virtual-accounts/${id}`)
  }
}

function smartAccountOf(db: Db, id: string) {
  const found = findSmartAccount(db, { id, name: '' })
  refuseUnless(found, 'INVALID', 'There is no such Smart Account.')
  return found
}

function virtualAccountOf(db: Db, id: string) {
  const found = findVirtualAccount(db, Number(id))
  refuseUnless(found, 'INVALID', 'There is no such Virtual Account.')
  return found
}

function virtualAccountModel(db: Db, id: string, now: Date) {
  const virtualAccount = virtualAccountOf(db, id)
  const registration = findRegistrationOf(db, virtualAccount.id)
  return {
    virtualAccount,
    smartAccount: findSmartAccount(db, { id: String(virtualAccount.smartAccountId), name: '' }),
    lots: listPurchases(db, virtualAccount.id).map(lot => ({ ...lot, standing: standing(lot, now) })),
    tags: listTags(db),
    licenseTypes,
    registration,
    usage: registration ? listUsage(db, registration.id) : [],
  }
}

/** A day as a form gives it, at its beginning in UTC; empty is none. */
function dayOf(text: string | undefined): number | null {
  if (!text) return null
  const time = Date.parse(`${text}T00:00:00Z`)
  refuseUnless(Number.isFinite(time), 'INVALID', 'Give a day as year-month-day.')
  return time
}

const lotOf = (virtualAccountId: number, fields: Fields) => ({
  virtualAccountId,
  tag: fields.tag ?? '',
  licenseType: fields.licenseType as LicenseType,
  quantity: Number(fields.quantity),
  startDate: dayOf(fields.startDate),
  endDate: dayOf(fields.endDate),
  subscriptionId: fields.subscriptionId?.trim() || null,
})
