import { type Deed, file, folder } from '../deed.ts'

/** `appliance.md`, *Layout on the machine*. What holds data is taken away only for who typed the word. */
export const folders: Deed[] = [
  folder(
    'Settings stand in /etc/quartermaster, which the service reads and root writes.',
    '/etc/quartermaster',
    'root:quartermaster',
    0o750,
    {
      holdsData: true,
    },
  ),
  folder(
    'Keys stand in a folder of the service alone, which a restore may exchange.',
    '/etc/quartermaster/keys',
    'quartermaster:quartermaster',
    0o700,
    {
      holdsData: true,
    },
  ),
  folder('What it keeps stands in /var/lib/quartermaster.', '/var/lib/quartermaster', 'quartermaster:quartermaster', 0o750, {
    holdsData: true,
  }),
  folder('Backups have a folder.', '/var/lib/quartermaster/backups', 'quartermaster:quartermaster', 0o700, { holdsData: true }),
  folder('Releases that are brought have a folder.', '/var/lib/quartermaster/patches', 'quartermaster:quartermaster', 0o750, {
    holdsData: true,
  }),
  folder('Its log files have a folder; the journal has the rest.', '/var/log/quartermaster', 'quartermaster:adm', 0o750, {
    holdsData: true,
  }),
  folder('Compiled code has a folder, which may be emptied at any time.', '/var/cache/quartermaster', 'quartermaster:quartermaster', 0o700),
  file(
    'Compiled code that no start has read for two months goes.',
    '/etc/tmpfiles.d/quartermaster.conf',
    'e /var/cache/quartermaster/code - - - 60d\n',
  ),
  folder("Operators' keys for SSH stand where only root writes.", '/etc/ssh/authorized_keys', 'root:root', 0o755),
]
