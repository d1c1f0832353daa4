import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './proxies.ts'
import { makeTestAuthority } from './tlsPeer.ts'
import { until } from './until.ts'

/** What a collector made of a message: the names are rsyslog's properties. */
export type Collected = {
  msg: string
  hostname: string
  'app-name': string
  msgid: string
  'structured-data': string
  syslogfacility: string
  syslogseverity: string
  timereported: string
}

/** A syslog collector of the tests' own: Debian's rsyslog, on ports of the loopback. */
export type Rsyslog = {
  ca: string
  ports: { tls: number; tcp: number; udp: number }
  /** What it has written down so far. */
  collected(): Collected[]
  /** Kills it, in the middle of whatever it does; `start` lets it come back on the same ports. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

const program = '/usr/sbin/rsyslogd'
const driver = ['x86_64', 'aarch64'].map(machine => `/usr/lib/${machine}-linux-gnu/rsyslog/lmnsd_gtls.so`)

/** Whether this machine has an rsyslog that speaks TLS; without one, its tests are skipped. */
export const hasRsyslog = existsSync(program) && driver.some(existsSync)

/** Starts a collector with a certificate for `name`, of an authority of its own. */
export async function openRsyslog(name = 'localhost'): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-rsyslog-'))
  const authority = await makeTestAuthority('Collector')
  const { key, certificate } = await authority.certify([name])
  const ports = { tls: await freePort(), tcp: await freePort(), udp: await freePort() }
  const file = join(folder, 'collected')
  for (const [at, text] of Object.entries({
    'key.pem': key,
    'certificate.pem': certificate,
    'ca.pem': authority.root.pem,
    'rsyslog.conf': configuration(folder, ports),
    collected: '',
  }))
    writeFileSync(join(folder, at), text)
  let child: ReturnType<typeof spawn> | undefined
  const listens = () => {
    if (child?.exitCode !== null) throw new Error(`rsyslogd ended with ${child?.exitCode}`)
    // State 0A is that of a port that is listened on; connections of before may still be there in another.
    const hex = [ports.tls, ports.tcp].map(port => `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`)
    const table = readFileSync('/proc/net/tcp', 'utf8')
    return hex.every(port => table.includes(port))
  }
  const start = async () => {
    child = spawn(program, ['-n', '-i', join(folder, 'pid'), '-f', join(folder, 'rsyslog.conf')], { stdio: 'ignore' })
    await until(listens)
  }
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child!.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    ca: authority.root.pem,
    ports,
    collected: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap(line => readLine(line)),
    stop,
    start,
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A line that was being written as the collector was killed is torn, and the next one stands behind it. */
function readLine(line: string): Collected[] {
  const begin = line.lastIndexOf('{ "msg":')
  return begin >= 0 && line.endsWith('}') ? [JSON.parse(line.slice(begin))] : []
}

const configuration = (folder: string, { tls, tcp, udp }: Rsyslog['ports']) => `
global(workDirectory="${folder}" maxMessageSize="16k"
  defaultNetstreamDriverCAFile="${folder}/ca.pem" defaultNetstreamDriverCertFile="${folder}/certificate.pem" defaultNetstreamDriverKeyFile="${folder}/key.pem")
module(load="imtcp")
module(load="imudp")
template(name="json" type="list") { property(name="jsonmesg") constant(value="\\n") }
ruleset(name="all") { action(type="omfile" file="${folder}/collected" template="json") }
input(type="imtcp" address="127.0.0.1" port="${tls}" ruleset="all" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="${tcp}" ruleset="all")
input(type="imudp" address="127.0.0.1" port="${udp}" ruleset="all")
`
