import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from './generate/dataSet.ts'
import { ensureDataSet } from './generate/ensureDataSet.ts'
import { openProgress } from './generate/progress.ts'
import { isSize } from './generate/sizes.ts'

const help = `node test/bench/generate.ts --size 4k|300k|3m [--data DIR]
Makes a server of so many products in DIR, with a database of its own, or in the empty one that DATABASE_URL names; finds it there the next time.`

/** Makes a data set or finds it, and says what is in it. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { size: { type: 'string' }, data: { type: 'string' } } })
  const { size = '' } = values
  if (!isSize(size)) throw new Error(help)
  const folder = values.data ? resolve(values.data) : cacheFolder(size)
  const { accounts, seconds, bytes } = await ensureDataSet(folder, size, openProgress())
  const sum = (of: 'products' | 'instances') => accounts.reduce((total, account) => total + account[of], 0).toLocaleString('en')
  process.stdout.write(
    `${folder}: ${accounts.length} accounts, ${sum('products')} products of ${sum('instances')} instances, ${(bytes / 1e9).toFixed(2)} GB, made in ${seconds} s\n`,
  )
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
