import { z } from 'zod'
import { revokeAccessToken } from '../../administration/revokeAccessToken.ts'
import { open, type Route } from '../route.ts'
import { answerOauth, oauthAnswers } from './endpoint.ts'
import { OauthError } from './errors.ts'

/** RFC 7009: the answer is the same whether there was such a token or not. */
const revoke = answerOauth(async (context, { get, client }, address) => {
  const token = get('token')
  if (token === undefined) throw new OauthError('invalid_request', 'Give token.')
  await revokeAccessToken(context, { ...client, address }, token)
  return {}
})

export const revokeRoutes: Route[] = [
  open({
    method: 'post',
    path: '/oauth/revoke',
    operation: 'revokeAccessToken',
    tag: 'Access tokens',
    summary: 'Take an access token out of use',
    body: z.object({ token: z.string(), client_id: z.string(), client_secret: z.string() }),
    answers: { 200: { description: 'The token, if it was one of this client, is of no more use.', schema: z.object({}) }, ...oauthAnswers },
    handle: revoke,
  }),
]
