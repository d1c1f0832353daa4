import { z } from 'zod'
import type { InstanceDevice } from '../rules/productInstances.ts'
import { type ListedInstance, listingOfProductInstances } from '../storage/listings/productInstances.ts'
import { maybeMoment, maybeWritten, moment, oneOf, placeNames, text, written } from './fields.ts'
import { compliance, complianceWord } from './licenses.ts'
import { answerList, listAnswer, paging } from './paging.ts'
import { narrowTo } from './places.ts'
import { inAccount, type Route } from './route.ts'

/** A device's identity: the members of the wire, in the capitals of the API. */
const sudi = z.object({ udiPid: z.string().nullable(), udiSerialNumber: z.string().nullable() }).catchall(z.unknown())

const device = z.object({
  productInstanceId: z.uuid(),
  instanceName: z.string(),
  hostName: z.string().nullable(),
  sudi,
  productName: z.string(),
  tagName: z.string(),
  productTagName: z.string(),
  status: z.enum(['REGISTERED', 'PENDING_ACK', 'EXPIRED']),
  complianceStatus: compliance,
  virtualAccount: z.string(),
  registrationDate: moment,
  lastContactDate: maybeMoment,
  lastReportDate: maybeMoment,
  exportControlled: z.boolean(),
  agentVersion: z.string().nullable(),
  haMembers: z.array(z.object({ role: z.string(), hostName: z.string().nullable(), sudi })),
  licenses: z.array(z.object({ license: z.string(), entitlementTag: z.string(), quantity: z.int(), status: compliance })),
})

const inCapitals = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const sudiEntry = (given: InstanceDevice['sudi'] | undefined): z.input<typeof sudi> => ({
  udiPid: null,
  udiSerialNumber: null,
  ...Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [inCapitals(name), value])),
})

const deviceEntry = (found: ListedInstance): z.input<typeof device> => ({
  productInstanceId: found.id,
  instanceName: found.name,
  hostName: found.hostname,
  sudi: sudiEntry(found.devices.find(({ role }) => role === 'Active')?.sudi),
  productName: found.productType,
  tagName: found.softwareTag,
  productTagName: found.softwareTag,
  status: found.state,
  complianceStatus: complianceWord(found.licenses.some(({ short }) => short)),
  virtualAccount: found.localVirtualAccount,
  registrationDate: written(found.registeredAt),
  lastContactDate: maybeWritten(found.lastContactAt),
  lastReportDate: maybeWritten(found.lastReportedAt),
  exportControlled: found.exportControlled,
  agentVersion: found.agentVersion,
  haMembers: found.devices.map(({ role, hostname, sudi: given }) => ({ role, hostName: hostname, sudi: sudiEntry(given) })),
  licenses: found.licenses.map(({ displayName, tag, quantity, short }) => ({
    license: displayName,
    entitlementTag: tag,
    quantity,
    status: complianceWord(short),
  })),
})

const order = { sortBy: oneOf('name').default('name'), sortOrder: oneOf('asc', 'desc').default('asc') }

export const deviceRoutes: Route[] = [
  inAccount({
    method: 'post',
    path: '/api/v1/accounts/{account}/devices',
    operation: 'listDevices',
    tag: 'Product instances',
    summary: 'List product instances with the licenses they use, by name',
    description: 'hostname is a part of the name, of the serial number or of the product identifier.',
    scope: 'read',
    act: 'see licenses',
    body: z.object({
      virtualAccounts: placeNames.optional(),
      hostname: text(255).default(''),
      status: oneOf('REGISTERED', 'PENDING_ACK', 'EXPIRED').optional(),
      ...order,
      ...paging,
    }),
    answer: z.object({ devices: z.array(device), ...listAnswer }),
    async handle({ context, scope, body }) {
      const db = context.storage.pages
      const narrow = await narrowTo(db, scope, body.virtualAccounts)
      const filter = { states: body.status ? [body.status] : [], text: body.hostname.trim(), descending: body.sortOrder === 'desc' }
      return answerList('devices', listingOfProductInstances(db, narrow, filter), body, deviceEntry)
    },
  }),
]
