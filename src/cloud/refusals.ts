import { Refusal } from '../rules/refusal.ts'
import type { HttpAnswer } from './http.ts'

/**
 * What an HTTP status other than success means, and what to do. "413 with `X-Payload-Entities-Max-Limit` -> smaller batches": a container cannot be
 * made of smaller ones (README, Decisions), so the number is told to people.
 */
export function refusalOf({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): Refusal {
  if (status === 413) return tooLarge(headers['x-payload-entities-max-limit'])
  if (status === 401 || status === 403) {
    return new Refusal(
      'CLOUD_UNREACHABLE',
      'The cloud does not let this client in. Check its client id and secret, and what it may do there.',
    )
  }
  if (status === 429) return new Refusal('CLOUD_UNREACHABLE', 'The cloud is asked too often just now (HTTP 429). Try again later.')
  if (status >= 300 && status < 400) {
    return new Refusal(
      'CLOUD_UNREACHABLE',
      `The cloud sends us elsewhere (HTTP ${status}), which is not followed: what is carried begins with a secret. Check the address in QUARTERMASTER_CLOUD_URL.`,
    )
  }
  if (status === 404 || status === 405) {
    return new Refusal(
      'CLOUD_UNREACHABLE',
      `What answers knows nothing of this (HTTP ${status}): is the address in QUARTERMASTER_CLOUD_URL really that of the cloud?`,
    )
  }
  return new Refusal('CLOUD_UNREACHABLE', `The cloud is in trouble (HTTP ${status}). Try again later.`)
}

function tooLarge(most: string | string[] | undefined): Refusal {
  const number = /^\d{1,12}$/.test(String(most)) ? Number(most) : undefined
  if (number === undefined) {
    return new Refusal(
      'CLOUD_REFUSED',
      'Something on the way to the cloud does not take a request this large (HTTP 413). Have its limit raised to 64 MiB, or synchronize by file.',
    )
  }
  return new Refusal(
    'CLOUD_REFUSED',
    `The cloud takes at most ${number} items at once, and this request has more. It is signed as a whole and tells everything, so it cannot be cut ` +
      'into smaller ones: synchronize by file, or spread the products over several Local Accounts.',
  )
}
