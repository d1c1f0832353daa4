import { z } from 'zod'
import { HIGHEST_VERSION } from '../../../wire/envelope.ts'
import { entitlementAuthorization, overallStatuses } from '../../../wire/messages/authorization.ts'
import { conversionResult, conversionSources } from '../../../wire/messages/conversion.ts'
import { requestTypes } from '../../../wire/messages/types.ts'

const moment = z.number()
const attempt = z.object({ at: moment, succeeded: z.boolean(), reason: z.string().nullable() })
/** How the last try of something ended, and why where it failed. */
export type Attempt = z.infer<typeof attempt>

const registration = z.object({
  instanceId: z.string(),
  keyName: z.string(),
  idCertificate: z.string(),
  idCertificateSerial: z.string(),
  /** The issuers of the ID certificate, nearest first: the account CA is what a signer of the account is known by. */
  issuers: z.array(z.string()),
  signer: z.string(),
  signerSerial: z.string(),
  signerIssuers: z.array(z.string()),
  serverSigner: z.string(),
  smartAccount: z.string(),
  virtualAccount: z.string(),
  exportControlled: z.enum(['ALLOWED', 'NOT ALLOWED']),
  registeredAt: moment,
  renewAt: moment,
  expiresAt: moment,
  /** Seconds between two authorizations. */
  authorizationInterval: z.number(),
  acknowledged: z.boolean(),
})
/** What a product keeps of its registration. The token is not among it. */
export type Registration = z.infer<typeof registration>

const message = z.object({
  type: z.enum(requestTypes),
  data: z.record(z.string(), z.unknown()),
  keyName: z.string(),
  newKeyName: z.string().optional(),
  nameless: z.boolean(),
})
/**
 * A message before it has a nonce. It is signed with the key `keyName`; `newKeyName` is the one it asks a certificate for, where that is another.
 * `nameless`: the key has no certificate yet, and the message names no instance.
 */
export type Message = z.infer<typeof message>

const underWay = z.object({ message, nonce: z.string(), preparedAt: moment, body: z.string() })
/** A request that has been sent, or was about to be: kept until its answer is, and sent again with the same bytes (5.4). */
export type UnderWay = z.infer<typeof underWay>

const authorization = z.object({
  status: z.enum(overallStatuses),
  at: moment,
  renewAt: moment,
  deadline: moment,
  entitlements: z.array(entitlementAuthorization),
})
export type Authorization = z.infer<typeof authorization>

const waiting = z.object({ pollId: z.number(), action: z.string(), interval: z.number(), at: moment, keyName: z.string() })
/** An answer that the server asked to poll for. */
export type Waiting = z.infer<typeof waiting>

const usage = z.object({ tag: z.string(), count: z.number() })
export type Use = z.infer<typeof usage>

const traditionalLicense = z.object({
  source: z.enum(conversionSources),
  sku: z.string().nullable(),
  feature: z.string().nullable(),
  /** What it becomes, where the product knows. */
  tag: z.string().nullable(),
  count: z.number(),
})
/** A license of the time before smart licensing. */
export type TraditionalLicense = z.infer<typeof traditionalLicense>

const conversion = z.object({
  id: z.string(),
  startedAt: moment,
  /** Of `traditional`, from 1 on, and how many of each. */
  lines: z.array(z.object({ line: z.number(), count: z.number() })),
  /** What the server said last; null before it said anything. */
  results: z.array(conversionResult).nullable(),
  endedAt: moment.nullable(),
  /** Why the server did not take it at all. */
  refusal: z.string().nullable(),
})
export type Conversion = z.infer<typeof conversion>

const identity = z.object({
  pid: z.string(),
  serialNumber: z.string(),
  hostname: z.string().nullable(),
  softwareTag: z.string(),
  others: z.array(
    z.object({ pid: z.string(), serialNumber: z.string(), hostname: z.string().nullable(), role: z.enum(['Standby', 'Member']) }),
  ),
})

/** Everything a product remembers but its private keys. Moments are milliseconds since the epoch, by its own clock. */
export const state = z.object({
  format: z.literal(1),
  identity: identity.nullable(),
  /** How the server was reached last, where the command line said so. */
  settings: z.object({
    url: z.string().optional(),
    transport: z.enum(['smart', 'callhome']).optional(),
    trust: z.string().optional(),
    tlsTrust: z.string().optional(),
  }),
  /** The highest message version that the server is known to read (127). */
  messageVersion: z.string(),
  registration: registration.nullable(),
  /** A registration that is wished for and has not been answered: the token is forgotten with the answer. */
  wanted: z.object({ token: z.string(), force: z.boolean() }).nullable(),
  underWay: underWay.nullable(),
  waiting: waiting.nullable(),
  retry: z.object({ attempts: z.number(), at: moment }).nullable(),
  usage: z.array(usage),
  entitlementVersion: z.number(),
  /** The entitlement version that the server answered last. */
  reportedVersion: z.number(),
  authorization: authorization.nullable(),
  /** The traditional licenses that were ever converted, or asked to be: a license's place here is its line. */
  traditional: z.array(traditionalLicense).default([]),
  conversion: conversion.nullable().default(null),
  registrationAttempt: attempt.nullable(),
  renewalAttempt: attempt.nullable(),
  authorizationAttempt: attempt.nullable(),
  evaluationStartedAt: moment.nullable(),
  /** Why the product is not registered any more. */
  ended: z.object({ at: moment, reason: z.string() }).nullable(),
})
export type State = z.infer<typeof state>

/** A product out of its box. */
export const newState = (): State => ({
  format: 1,
  identity: null,
  settings: {},
  messageVersion: HIGHEST_VERSION,
  registration: null,
  wanted: null,
  underWay: null,
  waiting: null,
  retry: null,
  usage: [],
  entitlementVersion: 0,
  reportedVersion: 0,
  authorization: null,
  traditional: [],
  conversion: null,
  registrationAttempt: null,
  renewalAttempt: null,
  authorizationAttempt: null,
  evaluationStartedAt: null,
  ended: null,
})

/** The names of the keys that a state still needs. */
export const keysInUse = ({ registration, underWay, waiting }: State): Set<string> =>
  new Set(
    [registration?.keyName, underWay?.message.keyName, underWay?.message.newKeyName, waiting?.keyName].filter(name => name !== undefined),
  )
