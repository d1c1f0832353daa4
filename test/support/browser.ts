import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { castPassword, type Member } from './people.ts'
import type { Site } from './site.ts'

/** What a real browser said against a page: violations of the policy, errors of scripts and of the network. */
export type Watched = { page: Page; context: BrowserContext; complaints: string[] }

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap(name => folders.map(folder => join(folder, name)))
  .find(existsSync)

const windows: BrowserContext[] = []

let shared: Promise<{ browser: Browser; folder: string }> | undefined

async function start() {
  if (!executablePath) throw new Error('Pages are tried in Chromium, which is not here: apt-get install chromium.')
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-browser-'))
  const browser = await chromium.launch({ executablePath, args: [...flags, `--disk-cache-dir=${folder}`] })
  return { browser, folder }
}

/** The one browser of this run; each test gets a context of its own. Call `closeBrowser` in a root `after`. */
export const openBrowser = async (): Promise<Browser> => {
  shared ??= start()
  return (await shared).browser
}

/** Ends it, once a worker's tests are through. */
export async function closeBrowser(): Promise<void> {
  const started = await shared
  shared = undefined
  await started?.browser.close()
  if (started) rmSync(started.folder, { recursive: true, force: true })
}

/** Closes every window: for `afterEach`, so that none goes on asking the next test's pages. */
export const closeWindows = async (): Promise<void> => void (await Promise.all(windows.splice(0).map(window => window.close())))

export type Looks = { width?: number; height?: number; dark?: boolean; scripts?: boolean; zone?: string }

/** A window of a visitor who is not signed in. Everything the browser holds against the pages is kept in `complaints`. */
export async function openWindow(site: Pick<Site, 'url'>, looks: Looks = {}): Promise<Watched> {
  const context = await (await openBrowser()).newContext({
    baseURL: site.url,
    ignoreHTTPSErrors: true,
    viewport: { width: looks.width ?? 1280, height: looks.height ?? 720 },
    colorScheme: looks.dark ? 'dark' : 'light',
    javaScriptEnabled: looks.scripts ?? true,
    timezoneId: looks.zone ?? 'Europe/Zurich',
    locale: 'en-GB',
  })
  windows.push(context)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(`error: ${error.stack}`))
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  if (looks.scripts !== false) await hearViolations(page, complaints)
  return { page, context, complaints }
}

async function hearViolations(page: Page, complaints: string[]) {
  await page.exposeFunction('holdAgainst', (words: string) => void complaints.push(words))
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      const { holdAgainst } = globalThis as unknown as { holdAgainst(words: string): void }
      holdAgainst(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`)
    })
  })
}

/** A window of one of the cast, signed in over the sign-in page. */
export async function openWindowOf(site: Pick<Site, 'url' | 'hire'>, member: Member, looks: Looks = {}) {
  await site.hire(member)
  const window = await openWindow(site, looks)
  await window.page.goto('/sign-in')
  await window.page.getByLabel('User name').fill(member.toLowerCase())
  await window.page.getByLabel('Password').fill(castPassword)
  await window.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await window.page.waitForURL(url => url.pathname !== '/sign-in')
  return window
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** axe-core finds nothing against WCAG 2.2 A and AA on this page as it stands; or nothing against some of its rules. */
export async function assertAccessible(page: Page, rules?: string[]): Promise<void> {
  // The page's policy lets no script in; the browser's own protocol does.
  await page.evaluate(axe)
  const found = await page.evaluate(async only => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }
    type Violation = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run({ runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: tags } })
    return violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(node => `  ${node.html}\n  ${node.failureSummary}`).join('\n')}`,
    )
  }, rules)
  assert.deepEqual(found, [], `${page.url()}\n${found.join('\n')}`)
}
