import { z } from 'zod'
import { changePreferences } from '../administration/preferences/changePreferences.ts'
import { setTheme } from '../administration/setTheme.ts'
import {
  checkZone,
  dateForms,
  landings,
  listColumns,
  listNames,
  rowChoices,
  withColumns,
  withFilter,
  withoutFilter,
} from '../rules/preferences.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { themes } from '../rules/users.ts'
import { pathOrHome, paths } from './paths.ts'
import { orForm, orNotice, readForm } from './refusals.ts'
import { goTo, say, show } from './render.ts'
import { field, type Visit } from './visit.ts'

const view = { page: 'licensing/preferences/index.njk', fragment: 'licensing/preferences/index.njk' }
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]
const rowsAscending = [...rowChoices].sort((a, b) => a - b)

const model = ({ user }: Visit) => {
  const lists = listNames.filter(list => (user.preferences.hidden[list] ?? []).length > 0)
  return { preferences: user.preferences, zones, dateForms, landings, rowsAscending, listColumns, lists }
}

/** Preferences: how somebody likes their pages. */
export const preferencesPage = (visit: Visit): void => show(visit, view, model(visit))

const form = z.object({
  theme: z.enum(themes, 'Choose light, dark or system.'),
  zone: z.string().trim().transform(checkZoneText),
  dates: z.enum(dateForms, 'Choose how dates are written.'),
  rows: z.coerce.number().pipe(z.literal([...rowChoices], 'Choose 20, 50 or 100 rows.')),
  landing: z.enum(landings, 'Choose a page.'),
})

/** A browser completes what is typed from a list; capitals are as they come. */
function checkZoneText(zone: string): string {
  return zones.find(one => one.toLowerCase() === zone.toLowerCase()) ?? zone
}

/** Somebody changes them. */
export const preferencesSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { theme, zone, ...wish } = readForm(visit, form)
      const chosen = { ...wish, zone: checkZone(zone) }
      await changePreferences(visit.context, visit.user, now => ({ ...now, ...chosen }))
      await setTheme(visit.context, visit.user, theme)
      await say(visit, { tone: 'success', words: 'Your preferences are saved.' })
      goTo(visit, paths.preferences)
    },
  )

/** The list that a form is about, and the page one comes back to. */
function aboutList(visit: Visit) {
  const list = listNames.find(one => one === field(visit, 'list'))
  refuseUnless(list, 'INVALID', 'There is no such list.')
  return { list, back: pathOrHome(field(visit, 'next')) }
}

/** Somebody chooses the columns of a list: those that are ticked stand. */
export const columnsSubmitted = (visit: Visit): Promise<void> => {
  const { list, back } = aboutList(visit)
  return orNotice(visit, back, async () => {
    const { column } = (visit.request.body ?? {}) as { column?: unknown }
    const shown = (Array.isArray(column) ? column : [column]).filter(one => typeof one === 'string')
    await changePreferences(visit.context, visit.user, now => withColumns(now, list, shown))
    goTo(visit, back)
  })
}

/** What a saved filter keeps of an address: its questions, and not the place on the way through the pages. */
function filterOf(address: string): { account: string; query: string } {
  const [path = '', query = ''] = address.split('?', 2)
  const asked = new URLSearchParams(query)
  for (const name of ['after', 'before', 'rows']) asked.delete(name)
  return { account: path.split('/')[2] ?? '', query: asked.toString() }
}

/** Somebody saves how a list is filtered. */
export const filterSaved = (visit: Visit): Promise<void> => {
  const { list, back } = aboutList(visit)
  return orNotice(visit, back, async () => {
    const name = field(visit, 'name')
    await changePreferences(visit.context, visit.user, now => withFilter(now, { list, name, ...filterOf(back) }))
    await say(visit, { tone: 'success', words: `The filter “${name.trim()}” is saved.` })
    goTo(visit, back)
  })
}

/** Somebody forgets a saved filter. */
export const filterRemoved = (visit: Visit): Promise<void> => {
  const { list, back } = aboutList(visit)
  return orNotice(visit, back, async () => {
    const { account } = filterOf(back)
    await changePreferences(visit.context, visit.user, now => withoutFilter(now, { list, account, name: field(visit, 'name') }))
    goTo(visit, back)
  })
}
