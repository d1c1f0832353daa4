import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeTestAuthority } from './tlsPeer.ts'

/** A directory of the tests' own: Debian's slapd, on ports of the loopback, with a configuration in a folder that goes with it. */
export type OpenLdap = {
  /** Its authority, in PEM. */
  ca: string
  ldap: number
  ldaps: number
  /** Adds or changes entries, as LDIF. */
  change(ldif: string): void
  /** Kills it; `start` lets it come back on the same ports with what it knew. */
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export const baseDn = 'dc=example,dc=com'
export const managerPassword = 'the manager of the directory'
const program = '/usr/sbin/slapd'

/** Whether this machine has a slapd; without one, its tests are skipped. */
export const hasOpenLdap = existsSync(program) && existsSync('/usr/bin/ldapmodify')

/** Starts a directory with TLS for `name` and a certificate for 127.0.0.1, with the overlay of password policies. */
export async function openLdap(name = '127.0.0.1'): Promise<OpenLdap> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-slapd-'))
  const authority = await makeTestAuthority('Directory')
  const { key, certificate } = await authority.certify([name])
  for (const [file, text] of Object.entries({ 'key.pem': key, 'certificate.pem': certificate, 'ca.pem': authority.root.pem }))
    writeFileSync(join(folder, file), text)
  mkdirSync(join(folder, 'data'))
  const [ldap, ldaps] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'slapd.conf'), configuration(folder))
  const urls = `ldap://127.0.0.1:${ldap} ldaps://127.0.0.1:${ldaps}`
  let child: ReturnType<typeof spawn> | undefined
  const change = (ldif: string) => {
    const words = ['-x', '-H', `ldap://127.0.0.1:${ldap}`, '-D', `cn=manager,${baseDn}`, '-w', managerPassword]
    execFileSync('ldapmodify', words, { input: ldif, stdio: ['pipe', 'ignore', 'pipe'] })
  }
  const start = async () => {
    child = spawn(program, ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', urls], { stdio: 'ignore' })
    while (!answers(ldap)) {
      if (child.exitCode !== null) throw new Error(`slapd ended with ${child.exitCode}`)
      await pause(30)
    }
  }
  const stop = async () => {
    if (!child || child.exitCode !== null) return
    const ended = new Promise(resolve => child!.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  await start()
  return {
    ca: authority.root.pem,
    ldap,
    ldaps,
    change,
    start,
    stop,
    async close() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether it answers a question, and not only takes connections. */
function answers(port: number): boolean {
  try {
    execFileSync('ldapsearch', ['-x', '-H', `ldap://127.0.0.1:${port}`, '-s', 'base', '-b', '', '1.1'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

const configuration = (folder: string) => `
${['core', 'cosine', 'inetorgperson', 'nis'].map(name => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${folder}/ca.pem
TLSCertificateFile ${folder}/certificate.pem
TLSCertificateKeyFile ${folder}/key.pem
sizelimit 500
database mdb
maxsize 104857600
suffix "${baseDn}"
rootdn "cn=manager,${baseDn}"
rootpw ${managerPassword.includes(' ') ? `"${managerPassword}"` : managerPassword}
directory ${folder}/data
dbnosync
index objectClass,uid,member eq
overlay ppolicy
ppolicy_default "cn=policy,${baseDn}"
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,${baseDn}" read by self read by * none
limits dn.exact="cn=reader,${baseDn}" size.soft=500 size.hard=500 size.prtotal=unlimited
`

/** An entry to add. */
export const entry = (dn: string, attributes: Record<string, string | string[]>): string =>
  `dn: ${dn}\nchangetype: add\n${Object.entries(attributes)
    .flatMap(([name, values]) => [values].flat().map(value => `${name}: ${value}`))
    .join('\n')}\n\n`

export const readerPassword = 'reads and writes nothing'
export const people = `ou=people,${baseDn}`
export const groups = `ou=groups,${baseDn}`

/** Somebody of the directory, whose password is as given. */
export const person = (uid: string, password: string, more: Record<string, string> = {}): string =>
  entry(`uid=${uid},${people}`, {
    objectClass: ['inetOrgPerson', 'shadowAccount'],
    uid,
    cn: `${uid} of the directory`,
    sn: uid,
    mail: `${uid}@example.com`,
    userPassword: password,
    ...more,
  })

/** A group with members. */
export const group = (cn: string, members: string[]): string =>
  entry(`cn=${cn.replace(',', '\\,')},${groups}`, { objectClass: 'groupOfNames', cn, member: members })

/** The trunk of the directory: places for people and groups, an account that reads, a policy that locks after three failures. */
export const trunk = [
  entry(baseDn, { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' }),
  entry(people, { objectClass: 'organizationalUnit', ou: 'people' }),
  entry(groups, { objectClass: 'organizationalUnit', ou: 'groups' }),
  entry(`cn=reader,${baseDn}`, { objectClass: ['applicationProcess', 'simpleSecurityObject'], cn: 'reader', userPassword: readerPassword }),
  entry(`cn=policy,${baseDn}`, {
    objectClass: ['applicationProcess', 'pwdPolicy'],
    cn: 'policy',
    pwdAttribute: 'userPassword',
    pwdLockout: 'TRUE',
    pwdMaxFailure: '3',
  }),
].join('')
