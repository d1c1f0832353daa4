import type { Deed } from './deed.ts'
import { database } from './deeds/database.ts'
import { firewall } from './deeds/firewall.ts'
import { folders } from './deeds/folders.ts'
import { hardening } from './deeds/hardening.ts'
import { packages } from './deeds/packages.ts'
import { people } from './deeds/people.ts'
import { release } from './deeds/release.ts'
import { services } from './deeds/services.ts'
import { settings } from './deeds/settings.ts'
import { ssh } from './deeds/ssh.ts'
import type { Host } from './host.ts'

/** Everything that is done, in its order; backwards it is undone. */
const everything: readonly Deed[] = [
  ...packages,
  ...people,
  ...folders,
  ...release,
  ...settings,
  ...database,
  ...ssh,
  ...hardening,
  ...firewall,
  ...services,
]

/** What this host is to have: its profile's deeds, without those that an image leaves to the machine it becomes. */
export const deedsFor = ({ profile, forImage }: Pick<Host, 'profile' | 'forImage'>): Deed[] =>
  everything.filter(({ profiles, onlyHere }) => (profiles ?? [profile]).includes(profile) && !(onlyHere && forImage))
