import assert from 'node:assert/strict'
import { connect } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openSite, type Site } from '../support/site.ts'

describe('every answer', () => {
  let site: Site
  let ada: HttpVisitor
  before(async () => {
    site = await openSite()
    ada = await site.signedIn('Ada')
  })
  after(() => site.close())

  for (const path of ['/sign-in', '/admin', '/nowhere', '/assets/none/htmx.js']) {
    it(`is guarded: ${path}`, async () => {
      const { headers } = await ada.get(path)
      assert.equal(headers['strict-transport-security'], 'max-age=63072000; includeSubDomains')
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['x-powered-by'], undefined)
      assert.equal(headers.server, undefined)
    })
  }

  it('has a policy without unsafe words, a nonce of its own, and no frame around it', async () => {
    const policies = await Promise.all(
      ['/admin', '/admin'].map(async path => String((await ada.get(path)).headers['content-security-policy'])),
    )
    for (const policy of policies) {
      assert.doesNotMatch(policy, /unsafe|\*|data:|http:/)
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.match(policy, /base-uri 'none'/)
      assert.match(policy, /require-trusted-types-for 'script'/)
    }
    const [one, other] = policies.map(policy => /'nonce-([^']+)'/.exec(policy)?.[1])
    assert.ok(one && other && one !== other)
  })

  it('holds no script and no style in the page itself', async () => {
    for (const path of ['/admin', '/admin/accounts', '/admin/users', '/password']) {
      const { text } = await ada.get(path)
      assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:/i, path)
    }
  })

  it('that is a file may be kept for a year, and is small on the wire', async () => {
    const page = await ada.get('/sign-in')
    const [path] = /\/assets\/[0-9a-f]{12}\/patternfly\.css/.exec((await site.visitor().get('/sign-in')).text) ?? []
    assert.equal(page.status, 303)
    const answer = await ada.get(path!, { 'Accept-Encoding': 'gzip' })
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(answer.headers['content-encoding'], 'gzip')
    assert.ok(answer.body.length < 150_000, `${answer.body.length} bytes`)
    assert.match(gunzipSync(answer.body).toString(), /\.pf-v6-c-masthead/)
  })

  it('names nothing outside this server', async () => {
    for (const path of ['/admin', '/admin/accounts', '/admin/accounts/new', '/password']) {
      const { text } = await ada.get(path)
      assert.doesNotMatch(text, /(src|href|action)="(https?:)?\/\//, path)
    }
  })

  it('comes over TLS 1.2 or 1.3 with a forward-secret suite, or not at all', async () => {
    const speak = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers?: string) =>
      new Promise<string>((resolve, reject) => {
        const options = { port: site.port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: version, maxVersion: version }
        const socket = connect({ ...options, ...(ciphers && { ciphers }) }, () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
          socket.destroy()
        }).on('error', reject)
      })
    assert.equal(await speak('TLSv1.3'), 'TLSv1.3 TLS_AES_256_GCM_SHA384')
    assert.match(await speak('TLSv1.2'), /^TLSv1\.2 ECDHE-.*-GCM-/)
    await assert.rejects(speak('TLSv1.1', 'ALL:@SECLEVEL=0'))
    await assert.rejects(speak('TLSv1.2', 'AES256-SHA:ECDHE-ECDSA-AES128-SHA'))
  })
})
