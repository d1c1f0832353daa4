import { setTheme } from '../administration/setTheme.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { type Theme, themes } from '../rules/users.ts'
import { pathOrHome } from './paths.ts'
import { goTo } from './render.ts'
import { field, type Visit } from './visit.ts'

/** Light, dark or as the system says; back to the page one was on. */
export async function themeSubmitted(visit: Visit): Promise<void> {
  const theme = field(visit, 'theme')
  refuseUnless((themes as readonly string[]).includes(theme), 'INVALID', 'Choose light, dark or system.', 'theme')
  await setTheme(visit.context, visit.user, theme as Theme)
  goTo(visit, pathOrHome(field(visit, 'next')))
}
