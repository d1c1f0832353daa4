import { spawnSync } from 'node:child_process'
import { existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Profile } from '../../appliance/actions/action.ts'
import type { Ended, Host } from '../../appliance/install/host.ts'

/** A machine that stands in a folder. Files are real; programs that would change this machine are recorded, and leave behind what is asked about later. */
export type PretendedHost = Host & { folder: string; ran: string[]; files(): Record<string, string>; remove(): void }

const begun = {
  '/etc/group': 'root:x:0:\nadm:x:4:\npostgres:x:111:\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\npostgres:x:111:111::/var/lib/postgresql:/bin/bash\n',
  '/etc/shadow': 'root:!:1::::::\n',
  '/etc/shells': '/bin/sh\n/bin/bash\n',
  '/etc/login.defs': '# Debian\nUMASK\t\t022\nPASS_MAX_DAYS\t99999\n',
  '/etc/issue': 'Debian GNU/Linux 12 \\n \\l\n',
  '/etc/nftables.conf': '#!/usr/sbin/nft -f\nflush ruleset\n',
  '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\nAcceptEnv LANG LC_*\n',
  '/etc/pam.d/login': 'auth       optional   pam_faildelay.so  delay=3000000\n',
  '/etc/audit/auditd.conf': 'max_log_file = 8\nname_format = NONE\n',
  '/proc/meminfo': 'MemTotal:       4000000 kB\n',
}

export function pretendedHost(values: Partial<Host> & { profile: Profile }): PretendedHost {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-host-'))
  const at = (path: string) => join(folder, path)
  const release = join(folder, 'unpacked')
  const write = (path: string, text: string) => {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), text)
  }
  for (const [path, text] of Object.entries({ ...begun, '/unpacked/package.json': '{}', '/unpacked/bin/node': '' })) write(path, text)
  const ran: string[] = []
  return {
    release,
    version: '1.2.3',
    forImage: false,
    deletesData: false,
    hasServices: true,
    ...values,
    folder,
    ran,
    at,
    run: pretendedPrograms(at, ran),
    files: () => contentsOf(folder),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

const contentsOf = (folder: string) =>
  Object.fromEntries(
    globSync('**/*', { cwd: folder })
      .filter(path => !path.startsWith('proc/'))
      .map(path => {
        const stat = lstatSync(join(folder, path))
        const content = stat.isSymbolicLink()
          ? `-> ${readlinkSync(join(folder, path))}`
          : stat.isFile()
            ? readFileSync(join(folder, path), 'utf8')
            : ''
        return [path, content]
      }),
  )

/** What the programs of Debian would leave: users in the lists, packages, a cluster, services that are on. Everybody has this process's numbers. */
function pretendedPrograms(at: (path: string) => string, ran: string[]) {
  const own = `${process.getuid!()}:${process.getgid!()}`
  for (const list of ['/etc/passwd', '/etc/group'])
    rewrite(list, text =>
      text.replace(/^(\w+:x:)\d+(:\d+)?/gm, (_all, name) => `${name}${list === '/etc/group' ? own.split(':')[1] : own}`),
    )
  function rewrite(path: string, change: (text: string) => string) {
    writeFileSync(at(path), change(readFileSync(at(path), 'utf8')))
  }
  const without = (list: string, name: string) => rewrite(list, text => text.replace(new RegExp(`^${name}:.*\\n`, 'm'), ''))
  const packages = new Set(['base-files'])
  const on = new Set<string>()
  const overridden = new Set<string>()
  const database = { exists: false, isUp: false, asked: '' }
  const say = (said = '', code = 0): Ended => ({ code, said })
  const files = (program: string, args: readonly string[]) =>
    say(
      '',
      spawnSync(
        program,
        args.map(word =>
          word.startsWith('/') && !existsSync(word) ? at(word) : word.startsWith('/etc') || word.startsWith('/opt') ? at(word) : word,
        ),
      ).status ?? 1,
    )
  const programs: Record<string, (args: readonly string[]) => Ended> = {
    mkdir: args => files('mkdir', args),
    cp: args => files('cp', args),
    chmod: args => (args.includes('/usr/bin/su') || args.includes('/home/admin') ? say() : files('chmod', args)),
    mv: args => files('mv', args),
    dpkg: () => say([...packages].map(name => `${name}\tinstall\n`).join('')),
    'apt-get'(args) {
      const names = args.filter(word => /^[a-z][a-z\d-]+$/.test(word) && !['install', 'purge', 'remove', 'update'].includes(word))
      for (const name of names) args.includes('install') ? packages.add(name) : packages.delete(name)
      return say()
    },
    groupadd(args) {
      rewrite('/etc/group', text => `${text}${args.at(-1)}:x:${process.getgid!()}:\n`)
      return say()
    },
    groupdel(args) {
      without('/etc/group', args.at(-1)!)
      return say()
    },
    useradd(args) {
      rewrite('/etc/passwd', text => `${text}${args.at(-1)}:x:${own}::/:/bin/sh\n`)
      if (args.includes('--user-group')) rewrite('/etc/group', text => `${text}${args.at(-1)}:x:${process.getgid!()}:\n`)
      return say()
    },
    userdel(args) {
      without('/etc/passwd', args.at(-1)!)
      without('/etc/group', args.at(-1)!)
      rewrite('/etc/group', text => text.replaceAll(args.at(-1)!, ''))
      return say()
    },
    usermod(args) {
      const [, shell, , groups] = args
      rewrite('/etc/passwd', text => text.replace(/^(admin:.*:)[^:\n]*$/m, `$1${shell}`))
      for (const group of groups!.split(',')) {
        if (!new RegExp(`^${group}:`, 'm').test(readFileSync(at('/etc/group'), 'utf8')))
          rewrite('/etc/group', text => `${text}${group}:x:27:\n`)
        rewrite('/etc/group', text => text.replace(new RegExp(`^(${group}:x:\\d+:).*$`, 'm'), '$1admin'))
      }
      return say()
    },
    pg_lsclusters: () => say(database.exists ? `15  quartermaster 5432 ${database.isUp ? 'online' : 'down'} postgres\n` : ''),
    pg_createcluster() {
      database.exists = true
      return say()
    },
    pg_dropcluster() {
      database.exists = false
      rmSync(at('/etc/postgresql'), { recursive: true })
      return say()
    },
    psql(args) {
      const statement = args.at(-1)!
      if (statement.startsWith('create')) database.asked += statement
      return say(
        /^select/.test(statement) && database.asked.includes(statement.includes('pg_roles') ? 'create role' : 'create database')
          ? '1'
          : '0',
      )
    },
    systemctl(args) {
      const unit = args.at(-1)!
      if (args[0] === 'is-enabled' || args[0] === 'is-active') return say('', on.has(unit) ? 0 : 1)
      if (['enable', 'start', 'restart'].includes(args[0]!)) on.add(unit)
      if (['disable', 'stop'].includes(args[0]!)) on.delete(unit)
      if (unit.startsWith('postgresql@')) database.isUp = args[0] !== 'stop'
      return say()
    },
    nft: () => say('', on.has('nftables.service') ? 0 : 1),
    'dpkg-statoverride'(args) {
      if (args[0] === '--list') return say('', overridden.has('su') ? 0 : 1)
      args[0] === '--remove' ? overridden.delete('su') : overridden.add('su')
      return say()
    },
  }
  return (program: string, args: readonly string[]): Ended => {
    ran.push([program, ...args].join(' '))
    return programs[program]?.(args) ?? say()
  }
}
