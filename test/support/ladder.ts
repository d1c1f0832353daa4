import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deactivateLocalAccount } from '../../src/administration/accounts/deactivateLocalAccount.ts'
import { deleteLocalAccount } from '../../src/administration/accounts/deleteLocalAccount.ts'
import { changeMailSettings } from '../../src/administration/mail/changeMailSettings.ts'
import { removeRegistration } from '../../src/lab/cloud/store/registrations.ts'
import { day } from '../../src/rules/clock.ts'
import { runErrands, tick } from '../../src/schedule/clock.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from './account.ts'
import { closeBrowser, closeWindows, openWindowOf } from './browser.ts'
import { mochaGlobalSetup, mochaGlobalTeardown } from './database.ts'
import { openMailServer } from './mailServer.ts'
import { openSite } from './site.ts'
import { openBranch, openUpstream, seenByCloud, standProduct } from './upstream.ts'

/**
 * `npm run ladder`: a year without synchronization on the laboratory's clock, with a picture of each rung of the ladder, and what was mailed, in
 * var/ladder/index.html. The server, its cloud, its mail server and the browser are real; the clock alone is moved.
 */
const folder = join(import.meta.dirname, '../../var/ladder')
const rungs: [day: number, words: string][] = [
  [0, 'Registered: current'],
  [30, 'Due: a synchronization is advised every 30 days'],
  [32, 'Overdue: an alert, and everything goes on working'],
  [305, '60 days before the cliff'],
  [335, '30 days before the cliff'],
  [351, '14 days before the cliff'],
  [358, '7 days before the cliff'],
  [364, '1 day before the cliff'],
  [365, 'Expired: products are refused'],
]

mkdirSync(folder, { recursive: true })
await mochaGlobalSetup()
const upstream = await openUpstream()
const branch = await openBranch(upstream)
const mail = await openMailServer()
const site = await openSite({ on: { branch, clock: upstream.clock } })
const { context } = site
const sections: string[] = []
let told = 0

/** Lets a minute's tick and its errands pass, then takes the pictures of one rung. */
async function look(days: number, words: string, account: string): Promise<void> {
  await tick(context)
  await runErrands(context)
  const subjects = mail.delivered.slice(told).map(each => /^Subject: (.*)$/m.exec(each.text)![1]!.trim())
  told = mail.delivered.length
  const pages = [
    ['alerts', paths.licensing.alerts(account)],
    ['account', paths.admin.account(account)],
    ['overview', paths.admin.home],
  ] as const
  const names: string[] = []
  const { page } = await openWindowOf(site, 'Ada', { height: 800, dark: sections.length % 2 === 1 })
  for (const [name, path] of pages) {
    names.push(`${String(sections.length).padStart(2, '0')}-day-${days}-${name}.png`)
    await page.goto(path)
    await page.screenshot({ path: join(folder, names.at(-1)!) })
  }
  await closeWindows()
  const mails = subjects.length > 0 ? subjects.map(subject => `<li>${subject}</li>`).join('') : '<li>nothing</li>'
  const pictures = names.map(name => `<img src="${name}" width="620" alt="${name}">`).join('\n')
  sections.push(`<h2>Day ${days}: ${words}</h2>\n<p>Mailed:</p><ul>${mails}</ul>\n${pictures}`)
  process.stdout.write(`day ${days}: ${words}; mailed: ${subjects.join('; ') || 'nothing'}\n`)
}

try {
  const ca = mail.ca
  const settings = { host: 'localhost', port: mail.port, security: 'starttls' as const, user: null, from: 'licenses@example.com', ca }
  await changeMailSettings(context, administrator, { settings: { ...settings, recipients: ['team@example.com'] } })
  const account = site.home.account
  for (let product = 0; product < 3; product++) await standProduct(branch, account)
  let today = 0
  for (const [days, words] of rungs) {
    upstream.clock.advance((days - today) * day)
    today = days
    await look(days, words, account.uuid)
  }
  // "the account can only be removed on both sides and registered anew"
  await upstream.database.write(cloud => removeRegistration(cloud, seenByCloud(upstream, account.uuid).registration.id))
  const wish = { localAccountId: account.id, confirmation: account.name, reason: 'It expired.', despite: true }
  await deactivateLocalAccount(context, administrator, wish)
  await look(today, 'The way back: deactivated here, removed in the cloud', account.uuid)
  await deleteLocalAccount(context, administrator, wish)
  const anew = await branch.register(account.name)
  await look(today, 'The way back: registered anew, current', anew.uuid)
  const title = 'A year without synchronization'
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>\n${sections.join('\n')}</html>\n`
  writeFileSync(join(folder, 'index.html'), html)
  process.stdout.write(`${join(folder, 'index.html')}\n`)
} finally {
  await closeBrowser()
  await site.close()
  await mail.close()
  await upstream.close()
  await mochaGlobalTeardown()
}
