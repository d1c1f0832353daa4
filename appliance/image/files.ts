/** The label by which the boot loader and the system find their disk. */
export const diskLabel = 'quartermaster'

/** Told to the kernel by the medium's boot loader: there it is installed from, and not served. */
export const installerWord = 'quartermaster.install'

/** Where the medium has the systems of the other profiles: a folder that is empty on a machine. */
export const otherSystems = 'mnt'

const script = (program: string) => `/opt/quartermaster/current/${program}`

/** Of both that ask whoever sits at the machine: at its screen, for as long as it takes, and again where it ended badly. */
const asking = `TimeoutStartSec=infinity
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
TTYReset=yes
Restart=on-failure
RestartSec=3

[Install]
WantedBy=multi-user.target
`

/**
 * The first start asks at the machine itself, before anybody can sign in there. Keys and names that would make two machines alike are made here: the image has none.
 */
const firstBoot = `[Unit]
Description=Quartermaster's first start: questions for whoever sits at the machine
ConditionPathExists=!/etc/quartermaster/first-boot-done
ConditionKernelCommandLine=!${installerWord}
After=systemd-user-sessions.service systemd-networkd.service systemd-resolved.service
Before=getty@tty1.service serial-getty@ttyS0.service ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStart=${script('appliance/install/install.sh')}
${asking}`

const diskInstaller = `[Unit]
Description=Quartermaster's installer: puts this medium's system on a disk
ConditionKernelCommandLine=${installerWord}
After=systemd-user-sessions.service
Before=getty@tty1.service serial-getty@ttyS0.service

[Service]
Type=oneshot
ExecStart=${script('bin/node')} ${script('appliance/image/installToDisk.ts')}
${asking}`

/** Nobody serves from the medium, and what the first start makes is not made there. */
const notOnMedium = `[Unit]\nConditionKernelCommandLine=!${installerWord}\n`

/** What an image has beside what the installer puts on any Debian. */
export const imageFiles: Record<string, string> = {
  '/etc/systemd/system/quartermaster-first-boot.service': firstBoot,
  '/etc/systemd/system/quartermaster-disk-installer.service': diskInstaller,
  '/etc/systemd/system/ssh.service.d/medium.conf': notOnMedium,
  '/etc/systemd/network/10-quartermaster.network': '[Match]\nType=ether\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n',
  '/etc/hostname': 'quartermaster\n',
  '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 quartermaster\n::1 localhost ip6-localhost ip6-loopback\n',
  '/etc/apt/sources.list': `deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://security.debian.org/debian-security bookworm-security main
`,
}

/** Only of a disk: on the medium, where the root is another, this would be a unit that fails. */
export const fstab = `LABEL=${diskLabel} / ext4 defaults,errors=remount-ro 0 1\n`

/** Questions are asked on the same screen: what systemd has to say, and the kernel of firmware that it does not find, goes to the journal alone. */
const menu = (title: string, search: string, folder: string, words: string) => `set timeout=5
set default=0
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
${search}
menuentry '${title}' --hotkey=q {
  linux ${folder}/vmlinuz ${words} console=ttyS0,115200 console=tty0 quiet loglevel=3 systemd.show_status=0
  initrd ${folder}/initrd.img
}
menuentry '${title}, at the serial line' --hotkey=s {
  linux ${folder}/vmlinuz ${words} console=tty0 console=ttyS0,115200 quiet loglevel=3 systemd.show_status=0
  initrd ${folder}/initrd.img
}
`

/** The system names the newest kernel by /vmlinuz and /initrd.img, so that an update of Debian's needs no other menu. */
export const diskMenu = menu('Quartermaster', `search --no-floppy --label ${diskLabel} --set=root`, '', `root=LABEL=${diskLabel} ro`)
export const mediumMenu = menu('Install Quartermaster', '', '/live', `boot=live ${installerWord}`)
