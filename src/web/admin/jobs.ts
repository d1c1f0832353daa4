import { retryMails } from '../../administration/mail/retryMails.ts'
import { countWaitingMails } from '../../storage/mails.ts'
import { listDue, listHousekeeping, listJobs } from '../../storage/pages/jobRows.ts'
import { paths } from '../paths.ts'
import { orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import type { Visit } from '../visit.ts'

const view = { page: 'admin/jobs/index.njk', fragment: 'admin/jobs/_jobs.njk' }
const agendaView = { page: 'admin/jobs/agenda.njk', fragment: 'admin/jobs/_agenda.njk' }
const most = 50

/** "Jobs seen": what runs, what waits, what was done and what failed, with the way to the page where one is stopped or done again, or where mail is set up. */
export async function jobsPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const [jobs, waiting] = await Promise.all([listJobs(pages, most), countWaitingMails(pages)])
  show(visit, view, { jobs, waiting })
}

/** "the agenda of what falls due next", and when the housekeeping was done last. */
export async function agendaPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const [due, housekeeping] = await Promise.all([listDue(pages, most), listHousekeeping(pages)])
  show(visit, agendaView, { due: due.map(each => ({ ...each, isDue: each.dueAt <= visit.now })), housekeeping })
}

/** Mail that waits for its mail server is tried at once. */
export const mailRetrySubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.jobs, async () => {
    const count = await retryMails(visit.context, visit.person)
    await say(visit, {
      tone: 'success',
      words: `${count === 1 ? 'The mail that waits is' : `All ${count} mails that wait are`} tried within a minute.`,
    })
    goTo(visit, paths.admin.jobs)
  })
