import { execFileSync, fork } from 'node:child_process'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync } from 'node:fs'

/**
 * Runs inside an appliance, by the release's own Node: a cloud comes up beside it, a Local Account is registered with that, and a product with the
 * server over TLS on port 443. Everything goes through the public doors. Prints what the product shows of itself.
 */
const code = '/opt/quartermaster/current'
const settings = '/etc/quartermaster/settings.env'
const place = '/var/lib/quartermaster-laboratory'
const node = `${code}/bin/node`

type Ready = { url: string; clientId: string; clientSecret: string; licensingRoot: string; cloudRoot: string }

const asService = (...words: string[]) =>
  execFileSync('setpriv', ['--reuid=quartermaster', '--regid=quartermaster', '--init-groups', node, `${code}/src/server.ts`, ...words], {
    encoding: 'utf8',
    env: { ...process.env, QUARTERMASTER_CONFIG: settings },
  })

async function untilHealthy(): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; await new Promise(resolve => setTimeout(resolve, 500))) {
    try {
      return void asService('health')
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

mkdirSync(place, { recursive: true })
const cloud = fork(`${code}/src/lab/cloud/main.ts`, ['--data', `${place}/cloud`, '--port', '0'], {
  execArgv: [],
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
})
try {
  const { ready } = await new Promise<{ ready: Ready }>((resolve, reject) => cloud.once('message', resolve as never).once('exit', reject))
  for (const [name, from] of [
    ['licensing-root.pem', ready.licensingRoot],
    ['cloud-root.pem', ready.cloudRoot],
  ] as const) {
    copyFileSync(from, `/etc/quartermaster/${name}`)
    chmodSync(`/etc/quartermaster/${name}`, 0o644)
  }
  const lines = [
    `QUARTERMASTER_CLOUD_URL=${ready.url}`,
    'QUARTERMASTER_CLOUD_CA=/etc/quartermaster/cloud-root.pem',
    'QUARTERMASTER_LICENSING_ROOT=/etc/quartermaster/licensing-root.pem',
  ]
  appendFileSync(settings, lines.map(line => `${line}\n`).join(''))
  execFileSync('systemctl', ['restart', 'quartermaster.service'])
  await untilHealthy()
  const client = JSON.parse(asService('api-client', 'create', 'trial', '--json'))
  const { openApi } = await import(`${code}/src/lab/start/api.ts`)
  const { ensureAccounts } = await import(`${code}/src/lab/start/accounts.ts`)
  const api = await openApi(8443, '/var/lib/quartermaster/tls/browser-root.pem', client)
  const [account] = await ensureAccounts(api, ready, place, {})
  const product = (...words: string[]) =>
    execFileSync(node, [`${code}/src/lab/product/main.ts`, ...words, '--state', `${place}/product`], { encoding: 'utf8' })
  const trust = ['--url', 'https://localhost', '--trust', ready.licensingRoot, '--tls-trust', '/var/lib/quartermaster/tls/device-root.pem']
  product('register', '--token', account.token, ...trust)
  process.stdout.write(product('show', 'license', 'summary'))
} finally {
  cloud.kill()
}
