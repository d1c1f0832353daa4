import { type Deed, file, ours, symlink } from '../deed.ts'
import { type Host, linkAt, must } from '../host.ts'

const units = [
  'quartermaster.service',
  'quartermaster-helper.service',
  'quartermaster-helper-console.socket',
  'quartermaster-helper-server.socket',
  'quartermaster-upgrade.service',
  'quartermaster-ha.service',
]

const reload = (host: Host) => void (host.hasServices && must(host, 'systemctl', ['daemon-reload']))
const isActive = (host: Host, unit: string) => host.run('systemctl', ['is-active', '--quiet', unit]).code === 0

/** Enabled by a link that names the unit, not the release: `systemctl enable` would follow the link to a release that is taken away one day. */
const enabled = (unit: string, target: string, sentence: string): Deed =>
  symlink(sentence, `/etc/systemd/system/${target}.wants/${unit}`, `../${unit}`, { after: reload })

/** In an image and in a chroot nothing can be started: the next boot does. */
const running = (unit: string, sentence: string): Deed => ({
  sentence,
  onlyHere: true,
  isDone: host => !host.hasServices || isActive(host, unit),
  do: host => void must(host, 'systemctl', ['start', unit]),
  undo: host => void (host.hasServices && isActive(host, unit) && must(host, 'systemctl', ['stop', unit])),
})

/** In a container the kernel's clock is not its own, and systemd passes the time service over. */
const isPassedOver = (host: Host, unit: string) => host.run('systemctl', ['show', '--property=ConditionResult', unit]).said.includes('=no')

/** Debian's own services. They stay as they were found; what we brought goes with its package. */
const debians = (unit: string, sentence: string): Deed => ({
  sentence,
  isDone: host =>
    host.run('systemctl', ['is-enabled', '--quiet', unit]).code === 0 &&
    (!host.hasServices || isActive(host, unit) || isPassedOver(host, unit)),
  do: host => void must(host, 'systemctl', host.hasServices ? ['enable', '--now', unit] : ['enable', unit]),
})

/** Of a pair the agent alone starts and stops the server. */
const isPair = (host: Host) => linkAt(host, '/etc/systemd/system/multi-user.target.wants/quartermaster-ha.service') !== undefined
const unlessPair = (deed: Deed): Deed => ({ ...deed, isDone: host => isPair(host) || deed.isDone(host) })

export const services: Deed[] = [
  ...units.map(unit =>
    symlink(
      `${unit} comes with the release that is current.`,
      `/etc/systemd/system/${unit}`,
      `/opt/quartermaster/current/appliance/systemd/${unit}`,
      {
        after: reload,
      },
    ),
  ),
  enabled('quartermaster-helper-console.socket', 'sockets.target', 'The helper answers the console from the next boot on.'),
  enabled('quartermaster-helper-server.socket', 'sockets.target', 'The helper answers the server from the next boot on.'),
  unlessPair(enabled('quartermaster.service', 'multi-user.target', 'The server starts with the machine.')),
  enabled('quartermaster-upgrade.service', 'multi-user.target', 'An upgrade that a power cut interrupts is ended at the next boot.'),
  {
    sentence: 'keepalived stays down until there is a pair.',
    isDone: host => isPair(host) || host.run('systemctl', ['is-enabled', '--quiet', 'keepalived.service']).code !== 0,
    do: host =>
      void must(host, 'systemctl', host.hasServices ? ['disable', '--now', 'keepalived.service'] : ['disable', 'keepalived.service']),
  },
  file(
    'The journal is kept over a restart, and takes no more than 2 GB.',
    '/etc/systemd/journald.conf.d/quartermaster.conf',
    `${ours}[Journal]\nStorage=persistent\nSystemMaxUse=2G\nSystemKeepFree=1G\nCompress=yes\nForwardToSyslog=no\n`,
    { after: host => void (host.hasServices && host.run('systemctl', ['restart', 'systemd-journald.service'])) },
  ),
  file(
    'The clock follows time servers, and tells nobody the time itself.',
    '/etc/chrony/conf.d/quartermaster.conf',
    `${ours}port 0\ncmdport 0\nmakestep 1 3\nmaxdistance 16.0\n`,
    { after: host => void (host.hasServices && host.run('systemctl', ['try-restart', 'chrony.service'])) },
  ),
  debians('chrony.service', 'The time service runs.'),
  running('quartermaster-helper-console.socket', "The helper's socket for the console is open."),
  running('quartermaster-helper-server.socket', "The helper's socket for the server is open."),
  {
    ...running('quartermaster-helper.service', 'The helper ends with its sockets.'),
    isDone: () => true,
  },
  unlessPair(running('quartermaster.service', 'The server runs.')),
]
