import { systemClock } from '../../../clock.ts'
import { type KeyPair, makeRsaKey } from '../../../pki/keys.ts'
import { acknowledge } from './acknowledge.ts'
import { attempt, guarded } from './attempt.ts'
import type { Clock } from './clock.ts'
import { type Converted, convert } from './conversion.ts'
import { type Deregistered, deregister } from './deregister.ts'
import { storeInFolder } from './folder.ts'
import { type Greeted, hello } from './hello.ts'
import { openLine } from './http.ts'
import type { Identity } from './identity.ts'
import type { Outcome } from './outcome.ts'
import { poll } from './poll.ts'
import { type RegistrationWish, register } from './register.ts'
import { type Renewed, renewIdCertificate } from './renewIdCertificate.ts'
import { type Reported, renewAuthorization, report } from './report.ts'
import { type Gear, inSession } from './session.ts'
import type { TraditionalLicense, Use } from './state.ts'
import { type AgentStatus, statusOf } from './status.ts'
import { type Done, doWhatIsDue } from './step.ts'
import type { Store } from './store.ts'
import type { Registered } from './takeRegistration.ts'
import { carrierOf, type Transport } from './transport.ts'
import { type Trust, trustIn } from './trust.ts'
import { usualCapabilities } from './version.ts'

export type AgentOptions = {
  /** A folder, or a store. */
  state: string | Store
  /** The server's base address; the path follows the transport. */
  url: string
  transport?: Transport
  /** The licensing root: PEM, or a trust that several agents share. */
  trust: string | Trust
  /** The authority of the server's TLS certificate, PEM; without it those that the machine trusts. */
  tlsTrust?: string | undefined
  identity: Identity
  clock?: Clock
  /** Opens the connections; a fleet shares one line. */
  line?: Pick<ReturnType<typeof openLine>, 'post'>
  /** The jitter of retries, in [0, 1). */
  random?: () => number
  /** Where a new key comes from; a fleet takes them from a pool. */
  makeKey?: () => Promise<KeyPair>
  /** What it says it can do; without MULTITIER it waits until the cloud has signed for agents of three tiers. */
  capabilities?: readonly string[]
}

export type Agent = {
  register(wish: RegistrationWish): Promise<Outcome<Registered>>
  acknowledge(): Promise<Outcome>
  /** Sets what is used of each tag that is named (0 releases it) and reports the whole. */
  report(changes: readonly Use[]): Promise<Outcome<Reported>>
  renewAuthorization(): Promise<Outcome<Reported>>
  renewIdCertificate(): Promise<Outcome<Renewed>>
  deregister(): Promise<Outcome<Deregistered>>
  /** Asks for the conversion of these licenses, or goes on with the one that has not ended. */
  convert(licenses: readonly TraditionalLicense[]): Promise<Outcome<Converted>>
  poll(): Promise<Outcome<Partial<Registered & Converted>>>
  hello(): Promise<Outcome<Greeted>>
  /** Does the one thing that is due by its timers; undefined when nothing is. */
  step(): Promise<Done | undefined>
  status(): Promise<AgentStatus>
}

/** A product in this process. It acts when it is told to; `step` is for whoever wants it to obey its timers. */
export function createAgent(options: AgentOptions): Agent {
  const { identity, clock = systemClock, transport = 'smart', random = Math.random, makeKey = makeRsaKey } = options
  const { capabilities = usualCapabilities } = options
  const { post } = options.line ?? openLine(options)
  const store = typeof options.state === 'string' ? storeInFolder(options.state) : options.state
  const trust = typeof options.trust === 'string' ? trustIn(options.trust) : options.trust
  const gear: Gear = {
    store,
    identity,
    clock,
    random,
    makeKey,
    capabilities,
    trust,
    carry: carrierOf(transport, options.url, post, { identity, clock }),
  }
  return {
    register: wish => inSession(gear, session => attempt(session, 'REGISTRATION', () => register(session, wish))),
    acknowledge: () => inSession(gear, session => attempt(session, 'REGISTRATION_ACK', () => acknowledge(session))),
    report: changes => inSession(gear, session => attempt(session, 'AUTHORIZATION', () => report(session, changes))),
    renewAuthorization: () => inSession(gear, session => attempt(session, 'AUTHORIZATION', () => renewAuthorization(session))),
    renewIdCertificate: () => inSession(gear, session => attempt(session, 'ID_CERT_RENEWAL', () => renewIdCertificate(session))),
    deregister: () => inSession(gear, session => attempt(session, 'DEREGISTRATION', () => deregister(session))),
    convert: licenses => inSession(gear, session => attempt(session, 'DLC', () => convert(session, licenses))),
    poll: () => inSession(gear, session => attempt(session, 'POLL', () => poll(session))),
    hello: () => inSession(gear, session => guarded(session, 'HELLO', () => hello(session))),
    step: () => inSession(gear, doWhatIsDue),
    status: async () => statusOf(await store.read(), { identity, transport, url: options.url }, clock.now()),
  }
}
