import { z } from 'zod'
import { Refusal } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'

const nothing = z.strictObject({})
const alone = 'This server is stand-alone: a pair of servers comes with a later release.'

/** The commands of a pair, by name, so that a runbook still reads; until there is one they say that there is none. */
const onePair = (name: string, sentence: string) =>
  action({
    name,
    subject: 'high availability',
    sentence,
    input: nothing,
    profiles,
    callers: ['console'],
    anywhere: true,
    run: async () => {
      throw new Refusal('CONFLICT', alone)
    },
  })

export const haStatus = action({
  name: 'ha_status',
  subject: 'high availability',
  sentence: 'The state of the pair',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  anywhere: true,
  run: async () => ({ role: 'stand-alone', says: alone }),
})

export const pairDeeds = [
  onePair('ha_generatekeys', 'Make the keys that the two servers of a pair know each other by'),
  onePair('ha_provision_standby', 'Make this server the standby of another'),
  onePair('ha_deploy', 'Make a pair of this server and its standby'),
  onePair('ha_switchover', 'Let the two servers of the pair change places'),
  onePair('ha_teardown', 'Make two stand-alone servers of the pair'),
]
