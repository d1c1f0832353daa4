import type { Request, Response } from 'express'
import { z } from 'zod'
import { issueAccessToken } from '../../administration/issueAccessToken.ts'
import { open, type Route } from '../route.ts'
import { answerOauth, oauthAnswers } from './endpoint.ts'
import { OauthError } from './errors.ts'
import type { OauthParameters } from './parameters.ts'

const body = z.object({
  grant_type: z.enum(['client_credentials', 'password']),
  client_id: z.string(),
  client_secret: z.string(),
  username: z.string().optional(),
  password: z.string().optional(),
  consent: z.literal('on').optional(),
  scope: z.string().optional(),
})

const answer = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  scope: z.string().optional(),
})

/** The person whose password is given, or nobody. Refuses any other grant. */
function userOf({ get }: OauthParameters) {
  const grant = get('grant_type')
  if (grant === undefined) throw new OauthError('invalid_request', 'Give grant_type.')
  if (grant === 'client_credentials') return undefined
  if (grant !== 'password') throw new OauthError('unsupported_grant_type', 'The grant_type must be client_credentials or password.')
  const [username, password] = [get('username'), get('password')]
  if (username === undefined || password === undefined) throw new OauthError('invalid_request', 'Give username and password.')
  return { username, password, consent: get('consent') === 'on' }
}

/** "`expires_in` … token_type Bearer"; the scope is said where one was asked for. */
const issue = answerOauth(async (context, parameters, address) => {
  const asked = parameters.get('scope')?.split(' ').filter(Boolean) ?? []
  const user = userOf(parameters)
  const { accessToken, expiresIn, scopes } = await issueAccessToken(context, { ...parameters.client, address, user, scopes: asked })
  return { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn, ...(asked.length > 0 && { scope: scopes.join(' ') }) }
})

const at = (path: string, operation: string): Route =>
  open({
    method: 'post',
    path,
    operation,
    tag: 'Access tokens',
    summary: 'Get an access token',
    description:
      'Parameters may stand in the query, in a form or in a JSON body; the client may show its secret by HTTP Basic instead. Where a banner has to be agreed to before a sign-in, a person’s grant says consent=on.',
    body,
    answers: { 200: { description: 'The token, good for an hour.', schema: answer }, ...oauthAnswers },
    handle: (door, request: Request, response: Response) => issue(door, request, response),
  })

/** Open clients of the modelled product ask at either of the two. */
export const tokenRoutes: Route[] = [at('/oauth/token', 'getAccessToken'), at('/backend/oauth/token', 'getAccessTokenAtBackend')]
