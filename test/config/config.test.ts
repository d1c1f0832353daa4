import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { helpText, readConfig } from '../../src/config.ts'

describe('the settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  after(() => rmSync(folder, { recursive: true }))
  const fileOf = (text: string) => {
    const file = join(folder, 'quartermaster.conf')
    writeFileSync(file, text)
    return { QUARTERMASTER_CONFIG: file }
  }

  it('are whole without any being made', () => {
    const config = readConfig({})
    assert.equal(config.dataFolder, resolve('var'))
    assert.equal(config.serverKeyFile, resolve('var/server/server.key'))
    assert.equal(config.httpsPort, 8443)
    assert.equal(config.listenAddress, '::')
    assert.equal(config.laboratory, false)
    assert.equal(config.databaseUrl, undefined)
  })

  it('say so when products cannot be served on the usual ports', () => {
    const getuid = process.getuid
    process.getuid = () => 1000
    try {
      const config = readConfig({})
      assert.deepEqual([config.deviceHttpPort, config.deviceHttpsPort], [8080, 9443])
      assert.deepEqual(config.remarks, ['Only root may open ports 80 and 443: products are served on 8080 and 9443.'])
      assert.deepEqual(readConfig({ QUARTERMASTER_DEVICE_HTTP_PORT: '0', QUARTERMASTER_DEVICE_HTTPS_PORT: '0' }).remarks, [])
    } finally {
      process.getuid = getuid
    }
  })

  it('cannot be changed once they are read', () => {
    const config = readConfig({})
    assert.throws(() => Object.assign(config, { httpsPort: 1 }), TypeError)
    assert.throws(() => config.hostNames.push('else'), TypeError)
  })

  it('put the server key below the data folder that was given', () => {
    assert.equal(readConfig({ QUARTERMASTER_DATA: '/srv/quartermaster' }).serverKeyFile, '/srv/quartermaster/server/server.key')
  })

  it('come from a file as systemd reads it, and the environment wins over it', () => {
    const file = fileOf(`# what the installer wrote
; and another comment

QUARTERMASTER_HTTPS_PORT=9000
QUARTERMASTER_DATA="/srv/with a \\"space\\""
QUARTERMASTER_HOST_NAMES='licences.example.com, 10.0.0.5'
QUARTERMASTER_LOG_LEVEL=debug
LANG=C.UTF-8
`)
    const config = readConfig({ ...file, QUARTERMASTER_LOG_LEVEL: 'warn' })
    assert.equal(config.httpsPort, 9000)
    assert.equal(config.dataFolder, '/srv/with a "space"')
    assert.deepEqual(config.hostNames, ['licences.example.com', '10.0.0.5'])
    assert.equal(config.logLevel, 'warn')
  })

  it('refuse a line of the file that is none, by its number', () => {
    assert.throws(() => readConfig(fileOf('\nQUARTERMASTER_HTTPS_PORT 9000\n')), /quartermaster\.conf, line 2: this is not NAME=value\./)
  })

  it('refuse a file that is not there', () => {
    assert.throws(() => readConfig({ QUARTERMASTER_CONFIG: '/no/such/file' }), /QUARTERMASTER_CONFIG names \/no\/such\/file.*ENOENT/)
  })

  const refused: [string, string, RegExp][] = [
    ['QUARTERMASTER_HTTPS_PORT', '65536', /QUARTERMASTER_HTTPS_PORT is "65536".*from 0 to 65535/],
    ['QUARTERMASTER_HTTPS_PORT', '0x50', /QUARTERMASTER_HTTPS_PORT/],
    ['QUARTERMASTER_LISTEN', 'localhost', /QUARTERMASTER_LISTEN.*address/],
    ['QUARTERMASTER_HOST_NAMES', 'ok.example,-bad-', /QUARTERMASTER_HOST_NAMES.*commas/],
    ['QUARTERMASTER_CLOUD_URL', 'http://cloud.example', /QUARTERMASTER_CLOUD_URL.*https/],
    ['QUARTERMASTER_LOG_LEVEL', 'loud', /QUARTERMASTER_LOG_LEVEL.*warn/],
    ['QUARTERMASTER_LABORATORY', 'yes', /QUARTERMASTER_LABORATORY.*1 or 0/],
  ]
  for (const [variable, value, sentence] of refused) {
    it(`refuse ${variable}=${value}`, () => assert.throws(() => readConfig({ [variable]: value }), sentence))
  }

  it('refuse a database that is not PostgreSQL without repeating its password', () => {
    assert.throws(
      () => readConfig({ DATABASE_URL: 'mysql://me:secret@host/db' }),
      (error: Error) => /^DATABASE_URL is not allowed.*postgresql:/.test(error.message) && !error.message.includes('secret'),
    )
  })

  it('refuse a name that is none, and tell the one that was meant', () => {
    assert.throws(
      () => readConfig({ QUARTERMASTER_HTTP_PORT: '1' }),
      /QUARTERMASTER_HTTP_PORT is not a setting\. Is QUARTERMASTER_HTTPS_PORT meant\?/,
    )
    assert.throws(() => readConfig(fileOf('QUARTERMASTER_DATABASE_URL=x')), /QUARTERMASTER_DATABASE_URL is not a setting\. "server --help"/)
  })

  it('take an empty value for none', () => {
    assert.equal(readConfig({ QUARTERMASTER_HTTPS_PORT: '' }).httpsPort, 8443)
  })

  it('let nobody move the clock outside a laboratory', () => {
    assert.throws(() => readConfig({ QUARTERMASTER_LAB_CLOCK: '/tmp/clock' }), /QUARTERMASTER_LAB_CLOCK.*QUARTERMASTER_LABORATORY=1/)
    assert.throws(() => readConfig({ QUARTERMASTER_EXCHANGES: '/tmp/x', QUARTERMASTER_LABORATORY: '0' }), /QUARTERMASTER_EXCHANGES/)
    assert.equal(readConfig({ QUARTERMASTER_LAB_CLOCK: '/tmp/clock', QUARTERMASTER_LABORATORY: '1' }).labClockFile, '/tmp/clock')
  })

  it('take the slash from the end of the address of the cloud', () => {
    assert.equal(readConfig({ QUARTERMASTER_CLOUD_URL: 'https://localhost:8444/' }).cloudUrl, 'https://localhost:8444')
  })

  it('are all in the help, each with what it takes', () => {
    for (const variable of ['QUARTERMASTER_DATA', 'DATABASE_URL', 'QUARTERMASTER_LAB_CLOCK', 'QUARTERMASTER_CONFIG']) {
      assert.match(helpText(), new RegExp(`^ {2}${variable}$`, 'm'))
    }
    assert.match(helpText(), /a number from 0 to 65535/)
  })
})
