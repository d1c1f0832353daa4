import { newState, type State } from '../../../src/lab/product/agent/state.ts'
import { statusOf } from '../../../src/lab/product/agent/status.ts'
import { advantage, essentials, router } from './cast.ts'

export const day = 86_400_000
export const registeredAt = Date.parse('2024-03-13T09:45:55Z')
export const now = new Date(registeredAt + 3 * day)

const entitlement = (tag: string, requested: number, more: object = {}) => ({
  tag,
  version: '1.0',
  requested_count: requested,
  authorized_count: requested,
  out_of_compliance_count: 0,
  insufficient_count: 0,
  status: 'IN_COMPLIANCE' as const,
  display_name: 'Network Advantage',
  description: 'Network Advantage for EX-R1000',
  license_type: 'SUBSCRIPTION',
  export_restricted: false,
  expires_at: null,
  ...more,
})

/** A router that is registered, and uses two licenses of which one is short. */
export const registered = (): State => ({
  ...newState(),
  registration: {
    instanceId: '4d47df04-ae89-4df6-bc15-d17c1a3f153f',
    keyName: 'k',
    idCertificate: '',
    idCertificateSerial: '1',
    issuers: [],
    signer: '',
    signerSerial: '2',
    signerIssuers: [],
    serverSigner: '',
    smartAccount: 'Example Corp: East (Lab)',
    virtualAccount: 'Laboratory',
    exportControlled: 'NOT ALLOWED',
    registeredAt,
    renewAt: registeredAt + 180 * day,
    expiresAt: registeredAt + 365 * day,
    authorizationInterval: (30 * day) / 1000,
    acknowledged: true,
  },
  registrationAttempt: { at: registeredAt, succeeded: true, reason: null },
  authorizationAttempt: { at: registeredAt + 1000, succeeded: true, reason: null },
  usage: [
    { tag: advantage, count: 4 },
    { tag: essentials, count: 1 },
  ],
  authorization: {
    status: 'OUT_OF_COMPLIANCE',
    at: registeredAt + 1000,
    renewAt: registeredAt + 12 * 3_600_000,
    deadline: registeredAt + 90 * day,
    entitlements: [
      entitlement(advantage, 4, { status: 'OUT_OF_COMPLIANCE', authorized_count: 1, out_of_compliance_count: 4, insufficient_count: 3 }),
      entitlement(essentials, 1, { display_name: 'Essentials', export_restricted: true }),
    ],
  },
})

export const statusAt = (state: State, at = now) =>
  statusOf(state, { identity: router, transport: 'callhome', url: 'https://localhost:443' }, at)
