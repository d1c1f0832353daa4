import { fileURLToPath } from 'node:url'
import type { Response } from 'express'
import nunjucks from 'nunjucks'

const folder = fileURLToPath(new URL('../../../../views/lab/cloud', import.meta.url))
const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), { autoescape: true, throwOnUndefined: false })

templates.addFilter('count', (value: number) => value.toLocaleString('en'))
templates.addFilter('day', (value: number | null) => (value === null ? '' : new Date(value).toISOString().slice(0, 10)))
templates.addFilter('time', (value: number | null) =>
  value === null ? '' : `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
)

/** Shows a page of views/lab/cloud. */
export function show(response: Response, page: string, model: object = {}, status = 200): void {
  response
    .status(status)
    .type('html')
    .send(templates.render(`${page}.njk`, model))
}
