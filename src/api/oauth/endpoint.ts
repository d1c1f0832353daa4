import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { refuseWhileOff } from '../answer.ts'
import { readBytes } from '../body.ts'
import { type ApiDoor, countRequest, sourceOf, tellLimits } from '../door.ts'
import { sayOauthError, wrongSecretOf } from './errors.ts'
import { type OauthParameters, readOauthParameters } from './parameters.ts'

const error = z.object({ error: z.string(), error_description: z.string() })

/** What every OAuth endpoint may answer beside success. */
export const oauthAnswers = {
  400: { description: 'The request is refused, by RFC 6749, 5.2.', schema: error },
  401: { description: 'The client is not recognised.', schema: error },
  429: { description: 'Too many requests or failures; Retry-After says when to come again.', schema: error },
  503: { description: 'The API is switched off.', schema: error },
}

type Endpoint = (context: Context, parameters: OauthParameters, address: string) => Promise<object>

/**
 * Answers a request to an OAuth endpoint: what `work` gives, or an error in the words of RFC 6749. Whoever fails too often, as this client from
 * this address or from this address at all, is put off without a look at the secret.
 */
export const answerOauth =
  (work: Endpoint) =>
  async (door: ApiDoor, request: Request, response: Response): Promise<void> => {
    response.set('Pragma', 'no-cache')
    try {
      await refuseWhileOff(door)
      const source = sourceOf(request)
      countRequest(door, request, response)
      await readBytes(request, response)
      const parameters = readOauthParameters(request)
      response.json(await guarded(door, response, parameters, source, () => work(door.context, parameters, source)))
    } catch (problem) {
      sayOauthError(door, problem, request, response)
    }
  }

async function guarded<T>(
  { context, limits }: ApiDoor,
  response: Response,
  { client }: OauthParameters,
  source: string,
  work: () => Promise<T>,
): Promise<T> {
  const now = context.clock.now()
  const name = `${source} ${client.clientId}`
  for (const standing of [limits.clientFailures.look(name, now), limits.sourceFailures.look(source, now)]) {
    if (standing.exceeded) tellLimits(response, standing)
  }
  try {
    return await work()
  } catch (problem) {
    // A person who fails is locked out by the rules of people; a client that passes on a wrong password has done nothing wrong itself.
    const whose = wrongSecretOf(problem)
    if (whose === 'client') limits.clientFailures.count(name, now)
    if (whose) limits.sourceFailures.count(source, now)
    throw problem
  }
}
