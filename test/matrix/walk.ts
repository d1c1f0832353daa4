import type { Act } from '../../src/rules/roles.ts'
import type { Member } from '../support/people.ts'
import { type Aim, type Asked, mayAsk, seesOf } from './expected.ts'
import type { Stage, Things } from './stage.ts'

/**
 * What came of asking: `in`, let in · `sign in`, nobody knows who asks · `no`, this is not for you (403) · `none`, there is nothing here (404) ·
 * `kept`, heard and answered, and nothing was changed, where something should not have been · `CHANGED`, it was.
 */
export type Outcome = 'in' | 'sign in' | 'no' | 'none' | 'kept' | 'CHANGED' | 'BROKEN'

/** Who asks. A script's client is as an administrator of its account. */
export type Asker = Member | 'nobody' | 'client' | 'client elsewhere'

/** One cell of the matrix: what somebody got, whether they should have, and whose things the answer told of that are not theirs to see. */
export type Cell = { asker: Asker; aim: Aim; outcome: Outcome; may: boolean; leaks: string[] }

/** One row: a route of a door, the act that it is declared to be, and a cell for everybody and each aim. */
export type Row = { door: 'web' | 'api'; method: string; path: string; act: string; cells: Cell[] }

/** Whether a cell is as it is declared. */
export const holds = ({ asker, outcome, may, leaks }: Cell): boolean =>
  leaks.length === 0 && (asker === 'nobody' ? outcome === 'sign in' : may ? outcome === 'in' : ['no', 'none', 'kept'].includes(outcome))

/** What is wrong with a cell, in a line. */
export const complaintOf = ({ door, method, path, act }: Row, { asker, aim, outcome, may, leaks }: Cell): string =>
  `${door} ${method.toUpperCase()} ${path} (${act}): ${asker}, ${aim}: ${may ? 'may' : 'may not'}, got "${outcome}"${leaks.length > 0 ? `, was told of ${leaks.join(', ')}` : ''}`

/** What somebody should get: a client is held to what an administrator of its account may. */
export function expectedOf(asker: Asker, asked: Asked, aim: Aim): boolean {
  if (asker === 'nobody') return false
  if (asker === 'client') return mayAsk('Sofia', asked, aim)
  if (asker !== 'client elsewhere') return mayAsk(asker, asked, aim)
  return asked.where === 'account' ? aim === 'other' && mayAsk('Sofia', asked, 'own') : mayAsk('Sofia', asked, 'own')
}

function sightOf(asker: Asker): (keyof Stage)[] {
  if (asker === 'nobody') return []
  if (asker === 'client elsewhere') return ['other']
  return seesOf(asker === 'client' ? 'Sofia' : asker)
}

/** Whose marks stand in an answer to somebody who should not see them; what they sent themselves is no news to them. */
export function leaksIn(text: string, asker: Asker, stage: Stage, sent: string[]): string[] {
  const said = sent.filter(value => value.includes('mark-')).reduce((rest, value) => rest.replaceAll(value, ''), text)
  const seen = sightOf(asker)
  return (Object.keys(stage) as (keyof Stage)[]).filter(whose => !seen.includes(whose) && said.includes(stage[whose].mark))
}

/** The account that an address names, and the things in it. */
export const targetOf = (stage: Stage, aim: Aim): { account: string; things: Things } => {
  const things = { own: stage.own, neighbour: stage.neighbour, smuggled: stage.other, other: stage.other }[aim]
  return { account: aim === 'other' ? stage.other.account : stage.own.account, things }
}

/** The acts as the table of expectations knows them. */
export const actOf = (act: string): Act | 'oneself' => act as Act | 'oneself'
