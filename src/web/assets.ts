import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { NextFunction, Request, Response } from 'express'
import { fonts, stylesheet } from './stylesheet.ts'

type Asset = { type: string; body: Buffer; gzip: Buffer | undefined }

const types: Record<string, string> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', woff2: 'font/woff2' }
const packages = createRequire(import.meta.url)
const htmx = join(dirname(packages.resolve('htmx.org/package.json')), 'dist')
const own = fileURLToPath(new URL('../../views/public', import.meta.url))

/** Every file that is served, by the name it has in its URL. What is not here does not exist: no path reaches the disk. */
const sources: [name: string, body: () => Buffer | string][] = [
  ['patternfly.css', stylesheet],
  ...fonts().map(([name, file]): [string, () => Buffer] => [name, () => readFileSync(file)]),
  ['htmx.js', () => readFileSync(join(htmx, 'htmx.min.js'))],
  ['hx-csp.js', () => readFileSync(join(htmx, 'ext/hx-csp.min.js'))],
  ['hx-ptag.js', () => readFileSync(join(htmx, 'ext/hx-ptag.min.js'))],
  ...['quartermaster.css', 'licensing.css', 'theme.js', 'page.js', 'licensing.js', 'mark.svg', 'favicon.svg'].map(
    (name): [string, () => Buffer] => [name, () => readFileSync(join(own, name))],
  ),
]

/** The files in memory, compressed once, under a version that changes with any of them. */
function load() {
  const files = new Map<string, Asset>()
  const hash = createHash('sha256')
  for (const [name, read] of sources) {
    const body = Buffer.from(read())
    hash.update(name).update(body)
    const type = types[name.split('.').at(-1)!]!
    const charset = type.startsWith('text/') ? '; charset=utf-8' : ''
    files.set(name, { type: type + charset, body, gzip: type.startsWith('font/') ? undefined : gzipSync(body, { level: 9 }) })
  }
  return { files, version: hash.digest('hex').slice(0, 12) }
}

const { files, version } = load()
const prefix = `/assets/${version}/`

/** The URL of a served file. A name that is none is a mistake in a template. */
export function assetPath(name: string): string {
  if (!files.has(name)) throw new Error(`There is no asset ${name}`)
  return prefix + name
}

/** Serves the files: for a year, because their URL changes when they do. */
export function assets(request: Request, response: Response, next: NextFunction): void {
  const asset = request.path.startsWith(prefix) ? files.get(request.path.slice(prefix.length)) : undefined
  if (asset && (request.method === 'GET' || request.method === 'HEAD')) send(asset, request, response)
  else next()
}

function send(asset: Asset, request: Request, response: Response) {
  response.set({ 'Content-Type': asset.type, 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept-Encoding' })
  const compressed = asset.gzip && request.acceptsEncodings('gzip') ? asset.gzip : undefined
  if (compressed) response.set('Content-Encoding', 'gzip')
  response.end(compressed ?? asset.body)
}
