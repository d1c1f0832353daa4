import { z } from 'zod'
import { pairSettings } from '../pair.ts'

/** What the machine that is to be the standby says of itself when it asks for its part of the pair. Its key stays where it is. */
export const handOutQuestion = z.strictObject({
  action: z.enum(['ha_hand_out', 'ha_hand_release']),
  input: z.strictObject({ request: z.string().max(4000) }).or(z.strictObject({})),
})
export type HandOutQuestion = z.infer<typeof handOutQuestion>

/** What it is given: who the pair is, its certificate, and what of the server stands outside the database. Bytes are in base64. */
export const handedOut = z.strictObject({
  now: z.iso.datetime(),
  release: z.string(),
  profile: z.enum(['standard', 'stig']),
  databaseBytes: z.number().int().min(0),
  pair: pairSettings,
  ca: z.string(),
  certificate: z.string(),
  settings: z.string(),
  files: z.array(z.strictObject({ path: z.string(), mode: z.number().int(), content: z.base64() })),
})
export type HandedOut = z.infer<typeof handedOut>

/** The command that the standby's key is let in for, and no other: the console passes its question on to the helper. */
export const handOutCommand = '/usr/local/bin/quartermaster-console --pair'

/** The line by which sshd lets the standby in: from its address alone, for that command alone. */
export const keyLine = (key: string, address: string): string => `restrict,from="${address}",command="${handOutCommand}" ${key}\n`
