import { z } from 'zod'
import { addReceiver, type ReceiverWish } from '../../administration/receivers/addReceiver.ts'
import { changeReceiver, renewReceiverKey } from '../../administration/receivers/changeReceiver.ts'
import { removeReceiver } from '../../administration/receivers/removeReceiver.ts'
import { resendNotice } from '../../administration/receivers/resendNotice.ts'
import { sendTestNotice } from '../../administration/receivers/sendTestNotice.ts'
import { reachInWords, syslogTransports, topics, topicsInWords } from '../../rules/receivers.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type Delivery, listDeliveries } from '../../storage/notices.ts'
import { listReceivers, type Receiver } from '../../storage/receivers.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { parameter, type Visit } from '../visit.ts'

const view = { page: 'admin/receivers/index.njk', fragment: 'admin/receivers/_table.njk' }
const formView = { page: 'admin/receivers/new.njk', fragment: 'admin/receivers/new.njk' }
const receiverView = { page: 'admin/receivers/receiver.njk', fragment: 'admin/receivers/_deliveries.njk' }
const secretView = { page: 'admin/receivers/secret.njk', fragment: 'admin/receivers/secret.njk' }
const renewalView = { page: 'admin/receivers/renewal.njk', fragment: 'admin/receivers/_renewal.njk' }
const removalView = { page: 'admin/receivers/removal.njk', fragment: 'admin/receivers/_removal.njk' }

/** A page shows no more deliveries. */
const most = 50

/** A receiver as a page shows it: what is secret stays behind. */
const shown = (receiver: Receiver & { waiting: number }) => ({
  ...receiver,
  secret: undefined,
  where: reachInWords(receiver),
  of: topicsInWords(receiver.topics),
})

/** "Syslog … Webhooks": who is told, and how that goes. */
export const receiversPage = async (visit: Visit): Promise<void> =>
  show(visit, view, { receivers: (await listReceivers(visit.context.storage.pages)).map(shown) })

const receiverId = (visit: Visit) => Number(parameter(visit, 'receiver'))

async function getShown(visit: Visit) {
  const found = (await listReceivers(visit.context.storage.pages)).find(({ id }) => id === receiverId(visit))
  refuseUnless(found, 'NOT_FOUND', 'There is no such receiver.')
  return shown(found)
}

async function model(visit: Visit) {
  const receiver = await getShown(visit)
  const deliveries = await listDeliveries(visit.context.storage.pages, receiver.id, most)
  return { receiver, kind: receiver.kind, deliveries: deliveries.map(each => ({ ...each, words: wordsOf(each) })) }
}

function wordsOf({ topic, content }: Delivery): string {
  const given = JSON.parse(content)
  if (topic === 'trail') return given.record.message
  return given.change === 'cleared' ? `Cleared: ${given.message}` : given.message
}

/** A receiver: how it is, what it was told, and its settings. */
export const receiverPage = async (visit: Visit): Promise<void> => show(visit, receiverView, await model(visit))

/** The form of a new collector. */
export const newSyslogPage = (visit: Visit): void => show(visit, formView, { kind: 'syslog' })

/** The form of a new webhook. */
export const newWebhookPage = (visit: Visit): void => show(visit, formView, { kind: 'webhook' })

const tick = z.literal('on').optional()
const common = { name: z.string().trim(), alerts: tick, trail: tick }
const syslogForm = z.object({
  ...common,
  host: z.string().trim(),
  port: z.coerce.number({ message: 'Give a port from 1 to 65535.' }),
  transport: z.enum(syslogTransports, { message: 'Choose TLS, TCP or UDP.' }),
})
const webhookForm = z.object({ ...common, url: z.string().trim() })

function wishOf(visit: Visit, kind: Receiver['kind']): ReceiverWish {
  const given = kind === 'syslog' ? { kind, ...readForm(visit, syslogForm) } : { kind, ...readForm(visit, webhookForm) }
  const chosen = { name: given.name, topics: topics.filter(topic => given[topic] === 'on') }
  if (given.kind === 'webhook') return { ...chosen, kind: 'webhook', settings: { url: given.url } }
  const { host, port, transport } = given
  return { ...chosen, kind: 'syslog', settings: { host, port, transport } }
}

const submitted = (kind: Receiver['kind']) => (visit: Visit) =>
  orForm(
    visit,
    formView,
    () => ({ kind }),
    async () => {
      const wish = wishOf(visit, kind)
      const { id, secret } = await addReceiver(visit.context, visit.person, wish)
      if (secret) return show(visit, secretView, { id, name: wish.name, secret })
      await say(visit, { tone: 'success', words: `${wish.name} is told from now on. Send a test to see whether it arrives.` })
      goTo(visit, paths.admin.receiver(id))
    },
  )

/** A collector is added. */
export const syslogSubmitted = submitted('syslog')

/** A webhook is added; its secret is shown on this answer and never again. */
export const webhookSubmitted = submitted('webhook')

/** What a receiver is told of, and how it is reached. */
export const receiverSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    receiverView,
    () => model(visit),
    async () => {
      const { id, kind } = await getShown(visit)
      await changeReceiver(visit.context, visit.person, id, wishOf(visit, kind))
      await say(visit, { tone: 'success', words: 'The settings are kept. What waits is sent by them at once.' })
      goTo(visit, paths.admin.receiver(id))
    },
  )

/** "send a test": one message at once, and what the receiver said. */
export const receiverTestSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    receiverView,
    () => model(visit),
    async () => {
      const { id, name } = await getShown(visit)
      const answer = await sendTestNotice(visit.context, visit.person, id)
      await say(visit, { tone: 'success', words: `A test was sent to ${name}. ${answer}` })
      goTo(visit, paths.admin.receiver(id))
    },
  )

/** What another secret means, and the question whether to. */
export const receiverSecretPage = async (visit: Visit): Promise<void> => show(visit, renewalView, { receiver: await getShown(visit) })

/** Another secret, which is shown on this answer and never again. */
export const receiverSecretSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.receivers, async () => {
    const id = receiverId(visit)
    show(visit, secretView, { id, ...(await renewReceiverKey(visit.context, visit.person, id)) })
  })

/** What a removal does, and the question whether to. */
export const receiverRemovalPage = async (visit: Visit): Promise<void> => show(visit, removalView, { receiver: await getShown(visit) })

/** A receiver is not told any more. */
export const receiverRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.receivers, async () => {
    const name = await removeReceiver(visit.context, visit.person, receiverId(visit))
    await say(visit, { tone: 'success', words: `${name} is not told of anything any more.` })
    goTo(visit, paths.admin.receivers)
  })

/** Something is told once more. */
export const noticeResent = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.receivers, async () => {
    const id = receiverId(visit)
    await resendNotice(visit.context, visit.person, id, Number(parameter(visit, 'notice')))
    await say(visit, { tone: 'success', words: 'It is sent again, before what else waits.' })
    goTo(visit, paths.admin.receiver(id))
  })
