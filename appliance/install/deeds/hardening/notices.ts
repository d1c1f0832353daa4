import type { Deed } from '../../deed.ts'
import { file } from './stigDeed.ts'

/** Our own words: the text of a public authority is for whoever is subject to it to put here. */
const banner = `You are about to use a system that is provided for authorized use only.
By going on you consent to these conditions: what you do here is recorded and may be inspected
at any time, data on this system may be disclosed for authorized purposes, and use without
authorization may be prosecuted. If you do not consent, leave now.
`

/** "consent banner": before anybody signs in, at the machine and by SSH. */
export const notices: Deed[] = [
  file('Who signs in at the machine reads the notice first.', '/etc/issue', banner),
  file('Who signs in by SSH reads the notice first.', '/etc/issue.net', banner),
  file('Nothing of the system is told after the notice.', '/etc/motd', ''),
]
