import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureTlsCertificate } from '../../src/administration/ensureTlsCertificate.ts'
import { closeBrowser, openWindowOf } from './browser.ts'
import { mochaGlobalSetup, mochaGlobalTeardown } from './database.ts'
import { licensingPages } from './licensingPages.ts'
import { openRail } from './rail.ts'

/**
 * `npm run pictures`: every page of the Licensing workspace with a railway's network in it, at three sizes, for somebody to look at. The pages come
 * from the site map. `--only TEXT` takes those whose name has it, `--dark` in dark, `--size NAME` at one size, `--out FOLDER` elsewhere than var/pictures.
 */
const sizes = { small: [1280, 720], large: [1920, 1080], tablet: [820, 1180] } as const
const { values } = parseArgs({
  options: { only: { type: 'string' }, dark: { type: 'boolean' }, size: { type: 'string' }, out: { type: 'string' } },
})
const folder = values.out ?? join(import.meta.dirname, '../../var/pictures')
const wanted = Object.entries(sizes).filter(([name]) => !values.size || name === values.size)

await mochaGlobalSetup()
const rail = await openRail(400, { start: new Date() })
await ensureTlsCertificate(rail.context, 'device')
try {
  for (const [size, [width, height]] of wanted) {
    mkdirSync(join(folder, size), { recursive: true })
    const { page, complaints } = await openWindowOf(rail, 'Ada', { width, height, dark: values.dark ?? false })
    for (const { name, path } of await licensingPages(rail)) {
      if (values.only && !name.includes(values.only)) continue
      const answer = await page.goto(path)
      if (answer?.status() !== 200) console.log(`${name}: ${answer?.status()}`)
      // What scrolls is a part of the page: the window is made as tall as what is in it.
      const taller = await page.evaluate(
        () => (document.getElementById('main')?.scrollHeight ?? 0) - (document.getElementById('main')?.clientHeight ?? 0),
      )
      await page.setViewportSize({ width, height: height + taller })
      await page.screenshot({ path: join(folder, size, `${name}.png`) })
      await page.setViewportSize({ width, height })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) console.log(`${name} is ${wide} pixels wider than its ${size} window`)
    }
    for (const complaint of complaints) console.log(`${size}: ${complaint}`)
  }
  console.log(`The pictures are in ${folder}.`)
} finally {
  await closeBrowser()
  await rail.close()
  await mochaGlobalTeardown()
}
