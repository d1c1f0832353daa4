import { changePreferences } from '../../administration/preferences/changePreferences.ts'
import { alertGroups, alertMailOf, summaryHour } from '../../rules/alertMail.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { listPlaces } from '../../storage/pages/places.ts'
import { paths } from '../paths.ts'
import { orForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field } from '../visit.ts'
import { scopeOf } from './list.ts'

const view = { page: 'licensing/preferences/mail.njk', fragment: 'licensing/preferences/mail.njk' }

async function model(visit: AccountVisit) {
  const { pages } = visit.context.storage
  const [places, settings] = await Promise.all([listPlaces(pages, scopeOf(visit)), findMailSettings(pages)])
  const { email, preferences } = visit.user
  return { places, email, mails: settings !== undefined, mail: alertMailOf(preferences, visit.account.uuid), alertGroups, summaryHour }
}

/** Preferences › Mail: of which alerts of this account somebody wants to be told, and how. */
export const alertMailPage = async (visit: AccountVisit): Promise<void> => show(visit, view, await model(visit))

/** What is ticked under a name: once, many times or not at all. */
function ticked(visit: AccountVisit, name: string): string[] {
  const given = (visit.request.body as Record<string, unknown> | undefined)?.[name]
  return (Array.isArray(given) ? given : [given]).filter((one): one is string => typeof one === 'string')
}

/** Somebody chooses. Of a Local Virtual Account that is not theirs they are told nothing, whatever is kept here: the roles decide when mail is written. */
export const alertMailSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { uuid } = visit.account
      const own = new Set((await listPlaces(visit.context.storage.pages, scopeOf(visit))).map(({ id }) => id))
      const wish = {
        immediate: field(visit, 'immediate') === 'on',
        summary: field(visit, 'summary') === 'on',
        groups: alertGroups.filter(group => ticked(visit, 'group').includes(group)),
        places: ticked(visit, 'place')
          .map(Number)
          .filter(id => own.has(id)),
      }
      await changePreferences(visit.context, visit.user, now => ({ ...now, mail: { ...now.mail, [uuid]: wish } }))
      await say(visit, { tone: 'success', words: 'What you are told by mail is saved.' })
      goTo(visit, paths.licensing.alertMail(uuid))
    },
  )
