import { z } from 'zod'
import { readPairStatus } from '../administration/pair/readPairStatus.ts'
import type { Context } from '../context.ts'
import { second } from '../rules/clock.ts'
import { isRedundant } from '../rules/pair.ts'
import { type AccountMetrics, listAccountMetrics } from '../storage/pages/accountMetrics.ts'
import type { DeviceMessages } from './door.ts'
import { type Family, single } from './metricFamily.ts'
import { onServer, type Route } from './route.ts'
import { Outcome } from './send.ts'
import { readServerMetrics } from './serverMetrics.ts'

const ofAccounts = (accounts: AccountMetrics[], now: Date): Family[] => {
  const each = (value: (account: AccountMetrics) => number | undefined) =>
    accounts.flatMap(account => {
      const found = value(account)
      return found === undefined ? [] : [{ labels: { account: account.name }, value: found }]
    })
  return [
    {
      name: 'quartermaster_product_instances',
      help: 'Product instances by Local Account and state.',
      type: 'gauge',
      samples: accounts.flatMap(({ name, instances }) =>
        Object.entries(instances).map(([state, value]) => ({ labels: { account: name, state }, value })),
      ),
    },
    { name: 'quartermaster_licenses_purchased', help: 'Licenses in force.', type: 'gauge', samples: each(({ purchased }) => purchased) },
    { name: 'quartermaster_licenses_in_use', help: 'Licenses in use.', type: 'gauge', samples: each(({ inUse }) => inUse) },
    {
      name: 'quartermaster_licenses_short',
      help: 'Licenses that are in use and covered by nothing.',
      type: 'gauge',
      samples: each(({ missing }) => missing),
    },
    {
      name: 'quartermaster_tags_out_of_compliance',
      help: 'Entitlement tags that are out of compliance, counted in each Local Virtual Account.',
      type: 'gauge',
      samples: each(({ tagsShort }) => tagsShort),
    },
    {
      name: 'quartermaster_alerts_open',
      help: 'Alerts that nobody and nothing has cleared.',
      type: 'gauge',
      samples: accounts.flatMap(({ name, alerts }) =>
        Object.entries(alerts).map(([severity, value]) => ({ labels: { account: name, severity }, value })),
      ),
    },
    {
      name: 'quartermaster_synchronization_age_seconds',
      help: 'Seconds since the last synchronization with the cloud.',
      type: 'gauge',
      samples: each(({ lastSynchronizedAt }) => (lastSynchronizedAt ? (now.getTime() - lastSynchronizedAt.getTime()) / second : undefined)),
    },
  ]
}

const ofMessages = (messages: DeviceMessages[]): Family => ({
  name: 'quartermaster_device_messages_total',
  help: 'Messages of products since the server started, by type, transport and result.',
  type: 'counter',
  samples: messages.map(({ type, transport, result, count }) => ({ labels: { type, transport, result }, value: count })),
})

/** Of a stand-alone server there is nothing to tell but how long changes wait. */
const ofPair = (context: Context, now: Date): Family[] => {
  const status = readPairStatus(context)
  const wait = single('quartermaster_commit_wait_seconds', 'How long the oldest commit has waited.', context.storage.commitsWait() / 1000)
  if (!status) return [wait]
  const { state, epoch, lagBytes, witness } = status
  return [
    wait,
    { ...single('quartermaster_pair_state', 'The state of this node of the pair.', 1), samples: [{ labels: { state }, value: 1 }] },
    single('quartermaster_pair_redundant', 'Whether the standby would take over without loss.', Number(isRedundant(status, now))),
    single('quartermaster_pair_epoch', 'Grows with each change of the active node.', epoch),
    single(
      'quartermaster_pair_status_age_seconds',
      'Since the agent of the pair said something.',
      (now.getTime() - status.at.getTime()) / 1000,
    ),
    ...(lagBytes === null ? [] : [single('quartermaster_pair_lag_bytes', 'How far the standby is behind.', lagBytes)]),
    ...(witness ? [single('quartermaster_pair_witness_reachable', 'Whether the witness answers.', Number(witness.reachable))] : []),
  ]
}

const ofProcess = (): Family[] => [
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the server.',
    type: 'gauge',
    samples: [{ value: process.memoryUsage.rss() }],
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the server.',
    type: 'counter',
    samples: [{ value: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 }],
  },
]

const escaped = (text: string) => text.replace(/[\\"\n]/g, sign => (sign === '\n' ? '\\n' : `\\${sign}`))

/** Prometheus's text, or OpenMetrics: which names a counter without its ending, and says where it ends. */
export function writeMetrics(families: Family[], open: boolean): string {
  const lines = families.flatMap(({ name, help, type, samples }) => {
    const family = open ? name.replace(/_total$/, '') : name
    const values = samples.map(({ labels = {}, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
      return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`
    })
    return [`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`, ...values]
  })
  return `${[...lines, ...(open ? ['# EOF'] : [])].join('\n')}\n`
}

const prometheus = 'text/plain; version=0.0.4; charset=utf-8'
const openMetrics = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** "Prometheus text, OpenMetrics on request". Each number is read from a counter that is kept, so that asking costs the same however many products there are. */
export const metricsRoutes: Route[] = [
  onServer({
    method: 'get',
    path: '/metrics',
    operation: 'getMetrics',
    tag: 'Health',
    summary: 'Measures for a monitoring system',
    scope: 'metrics',
    act: 'see server',
    answer: z.string(),
    async handle({ context, now, prefers, door }) {
      const families = [
        ofMessages(door.deviceMessages()),
        ...ofAccounts(await listAccountMetrics(context.storage.pages), now),
        ...(await readServerMetrics(context, now)),
        ...ofPair(context, now),
        ...ofProcess(),
      ]
      const open = prefers('text/plain', 'application/openmetrics-text') === 'application/openmetrics-text'
      return new Outcome(200, writeMetrics(families, open), open ? openMetrics : prometheus)
    },
  }),
]
