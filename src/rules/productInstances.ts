/** `(none)` -REGISTRATION-> PENDING_ACK -ack/any signed message-> REGISTERED -(ID cert end)-> EXPIRED; removed ones leave a tombstone (wire-device 5.10). */
export type ProductInstanceState = 'PENDING_ACK' | 'REGISTERED' | 'EXPIRED'

/** One device of a product instance, as it names itself; `sudi` keeps the wire's members. */
export type InstanceDevice = {
  sudi: { udi_pid: string | null; udi_serial_number: string | null; uuid: string | null; [member: string]: unknown }
  hostname: string | null
  softwareTag: string
  role: 'Active' | 'Standby' | 'Member'
}

/** Our record of one product. */
export type ProductInstance = {
  localAccountId: number
  id: string
  localVirtualAccountId: number
  state: ProductInstanceState
  softwareTag: string
  productType: string
  udiKey: string
  udiPid: string | null
  udiSerialNumber: string | null
  devices: InstanceDevice[]
  hostname: string | null
  name: string
  exportControlled: boolean
  agentVersion: string | null
  capabilities: string[]
  registrationTokenId: string
  registeredAt: Date
  acknowledgedAt: Date | null
}

/**
 * "Products of agents without the MULTITIER capability ("3-tier")": an agent that lists capabilities and not this one. An agent that says
 * nothing of itself is taken for a present-day one.
 */
export const isThreeTier = (capabilities: readonly string[]): boolean => capabilities.length > 0 && !capabilities.includes('MULTITIER')
