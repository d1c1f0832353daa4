import { hostSettings } from '../../profiles/hostSettings.ts'
import { type Deed, file, ours } from '../deed.ts'
import { type Host, must, put, read, remove, removeEmpty } from '../host.ts'

/** Which packages were not there before us, so that a removal takes those and no others. In a folder of its own, which goes last. */
const installerFolder = '/var/lib/quartermaster-installer'
const addedList = `${installerFolder}/packages-added`

const always = [
  'postgresql',
  'nftables',
  'chrony',
  'openssh-server',
  // The programs of the console's deeds: copy, ping, traceroute, nslookup.
  'openssh-client',
  'iputils-ping',
  'traceroute',
  'bind9-dnsutils',
  'keepalived',
  // Whether somebody answers for the virtual address of a pair.
  'iputils-arping',
  'ca-certificates',
  'curl',
]

/** Debian's packages that an appliance of this profile has. */
export const packagesOf = ({ profile }: Pick<Host, 'profile'>): string[] => [...always, ...hostSettings(profile).packages]

/** Names without the architecture that dpkg adds to some. */
const installed = (host: Host): string[] =>
  must(host, 'dpkg', ['--get-selections'])
    .split('\n')
    .flatMap(line => /^([^\s:]+)\S*\s+(?:install|hold)$/.exec(line)?.[1] ?? [])

function missing(host: Host): string[] {
  const present = new Set(installed(host))
  return packagesOf(host).filter(name => !present.has(name))
}

const quietly = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0', '-o', 'Dpkg::Options::=--force-confold']

/** sudo does not go where root has no password, unless it is told that this is known: the machine is as it was found, which had none. */
const apt = (host: Host, ...words: string[]) => must(host, 'apt-get', [...quietly, ...words], { environment: { SUDO_FORCE_REMOVE: 'yes' } })

const clusterDefaults = '/etc/postgresql-common/createcluster.d'
const noCluster = file(
  "PostgreSQL's package makes no cluster of its own.",
  `${clusterDefaults}/quartermaster.conf`,
  `${ours}create_main_cluster = false\n`,
)

export const packages: Deed[] = [
  // Debian's package would make a cluster for everybody and start it. Ours has a name of its own, so that it can be told from one that was there.
  {
    ...noCluster,
    undo(host) {
      noCluster.undo?.(host)
      // The package went before its folder could.
      removeEmpty(host, clusterDefaults, '/etc/postgresql-common')
    },
  },
  {
    sentence: "Debian's packages are installed: PostgreSQL, the firewall, time, SSH and what the profile asks for.",
    isDone: host => missing(host).length === 0,
    do(host) {
      const before = installed(host)
      // Without a network the lists and packages that are here already may do.
      host.run('apt-get', ['-q', 'update'])
      apt(host, 'install', '--no-install-recommends', ...missing(host))
      const added = installed(host).filter(name => !before.includes(name))
      put(
        host,
        addedList,
        [...new Set([...(read(host, addedList) ?? '').split('\n').filter(Boolean), ...added, ''])].join('\n'),
        'root:root',
        0o644,
      )
    },
    undo(host) {
      const added = (read(host, addedList) ?? '').split('\n').filter(Boolean)
      // A purge of PostgreSQL takes its clusters along.
      if (added.length > 0) apt(host, host.deletesData ? 'purge' : 'remove', '--autoremove', ...added)
      remove(host, installerFolder)
    },
  },
]
