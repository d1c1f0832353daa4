import assert from 'node:assert/strict'
import { importBrowserCertificate } from '../../src/administration/browserCertificate/importBrowserCertificate.ts'
import { requestBrowserCertificate } from '../../src/administration/browserCertificate/requestBrowserCertificate.ts'
import { ensureTlsCertificate, renewTlsCertificate } from '../../src/administration/ensureTlsCertificate.ts'
import { readCertificateRequest } from '../../src/pki/certificateRequest.ts'
import { alternativeNames, servesTls, signsMessages } from '../../src/pki/extensions.ts'
import { issueCertificate, openIssuer } from '../../src/pki/issue.ts'
import { makeTlsRoot } from '../../src/pki/tlsCertificate.ts'
import { day, later } from '../../src/rules/clock.ts'
import { operator } from '../../src/server/operator.ts'
import { type Machine, machineWithServer } from '../support/backups.ts'

describe('the certificate of the workspaces', () => {
  let machine: Machine
  afterEach(() => machine.remove())

  it('is asked for from an authority, brought, and shown from the next start on; and made by the own root again', async () => {
    const made = await machineWithServer()
    machine = made.machine
    const { context } = made.shelves
    const now = context.clock.now()
    const former = await ensureTlsCertificate(context, 'browser')

    await assert.rejects(importBrowserCertificate(context, operator, { certificate: former.chain }), /make a request first/)
    const { request, hosts } = await requestBrowserCertificate(context, operator)
    const root = await makeTlsRoot('of the company', now)
    const draft = {
      subject: [['CN', hosts[0]!]] as const,
      publicKey: readCertificateRequest(request).publicKey,
      notBefore: now,
      notAfter: later(now, 90 * day),
      extensions: [signsMessages, servesTls, alternativeNames({ hosts })],
    }
    const brought = await issueCertificate(draft, openIssuer(root.pem, root.privateKey))
    await assert.rejects(importBrowserCertificate(context, operator, { certificate: root.pem }), /belongs to the private key/)
    assert.equal((await ensureTlsCertificate(context, 'browser')).chain, former.chain)

    await importBrowserCertificate(context, operator, { certificate: root.pem + brought.pem })
    const shown = await ensureTlsCertificate(context, 'browser')
    assert.ok(shown.chain.startsWith(brought.pem.slice(0, 200)))

    await renewTlsCertificate(context, 'browser')
    assert.notEqual((await ensureTlsCertificate(context, 'browser')).chain, shown.chain)
  })
})
