import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { readUpload, uploadedFile } from '../../src/web/upload.ts'
import { ask } from '../support/http.ts'

describe('a form with a file', () => {
  const largest = 3 * 1024 * 1024
  let url: string
  let close: () => void
  before(async () => {
    const app = express()
    app.post('/', async (request, response) => {
      await readUpload(request, largest)
      response.json({ fields: request.body, bytes: uploadedFile(request).length })
    })
    app.use((error: Error & { code?: string }, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(400).json({ code: error.code })
    })
    const server = createServer(app)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    close = () => server.close()
  })
  after(() => close())

  async function send(file: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) {
    const form = new FormData()
    form.append('_token', 'the token')
    form.append('file', new Blob([file]), 'file.json')
    for (const [name, value] of Object.entries(more)) form.append(name, value)
    const written = new Response(form)
    const headers = { 'content-type': written.headers.get('content-type')! }
    const answer = await ask(url, { method: 'POST', headers, body: Buffer.from(await written.arrayBuffer()) })
    return { status: answer.status, ...JSON.parse(answer.body) }
  }

  it('gives its fields and its file, up to the largest there may be', async () => {
    assert.deepEqual(await send(new Uint8Array(5)), { status: 200, fields: { _token: 'the token' }, bytes: 5 })
    assert.deepEqual(await send(new Uint8Array(largest)), { status: 200, fields: { _token: 'the token' }, bytes: largest })
    assert.deepEqual(await send(new Uint8Array(0), { type: 'full' }), {
      status: 200,
      fields: { _token: 'the token', type: 'full' },
      bytes: 0,
    })
  })

  it('is refused where it is larger, by a byte or by a lot, and answered all the same', async () => {
    assert.deepEqual(await send(new Uint8Array(largest + 1)), { status: 400, code: 'FILE_TOO_LARGE' })
    assert.deepEqual(await send(new Uint8Array(largest * 3)), { status: 400, code: 'FILE_TOO_LARGE' })
  })

  it('is refused where it cannot be read', async () => {
    for (const [type, body] of [
      ['multipart/form-data', 'x'],
      ['multipart/form-data; boundary=x', 'nonsense'],
      ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbroken off'],
    ] as const) {
      const answer = await ask(url, { method: 'POST', headers: { 'content-type': type }, body })
      assert.deepEqual([answer.status, JSON.parse(answer.body)], [400, { code: 'INVALID' }], body)
    }
  })
})
