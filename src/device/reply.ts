import type { MessageSigner } from '../pki/authority.ts'
import { sign } from '../pki/signature.ts'
import type { Sender } from '../storage/senders.ts'
import { type Answer, buildResponse, type Echo, echoOf, responseText, seal } from '../wire/envelope.ts'
import { connectInfo } from './connectInfo.ts'
import type { Task } from './handleMessage.ts'
import type { Message } from './message.ts'

/** The text of the response: what is signed, and what the replay memory keeps. */
export function writeReply(
  { correlationId, receivedAt }: Pick<Message, 'correlationId' | 'receivedAt'>,
  echo: Echo,
  signer: MessageSigner,
  answer: Answer,
): string {
  const { serial: serialNumber, certificate, chain: subCaCertificates } = signer
  return responseText(
    buildResponse(answer, echo, {
      now: receivedAt.getTime(),
      signer: { serialNumber, certificate: certificate.pem, subCaCertificates },
      connectInfo,
      correlationId,
    }),
  )
}

/** The bytes that leave. A text from the replay memory gives the same bytes again: the signature is deterministic, and the key stays. */
export const signReply = (signer: MessageSigner, text: string): Promise<Buffer> =>
  seal('response', text, bytes => sign(signer.privateKey, bytes))

/** The text of a handler's answer. */
export const written = ({ message, signer }: Pick<Task, 'message' | 'signer'>, answer: Answer): string =>
  writeReply(message, echoOf(message.envelope), signer, answer)

/** OK, and nothing more to say. */
export const done: Answer = { status: 'OK', data: null }

/** "busy, rate limited": come again in a while, not all in the same second. */
export const tryAgain = (): Answer => ({ status: 'OK_TRY_AGAIN', retry_after: 10 + Math.floor(Math.random() * 20) })

/** Who signed, as the verbs name it. */
export const signedBy = ({ instance, certificate }: Sender) => ({
  localAccountId: instance.localAccountId,
  productInstanceId: instance.id,
  certificateSerial: certificate.serial,
})
