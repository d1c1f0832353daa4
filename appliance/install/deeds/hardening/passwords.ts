import { type Deed, ours } from '../../deed.ts'
import { type Host, must } from '../../host.ts'
import { file, withValues } from './stigDeed.ts'

const quality = `${ours}minlen = 15
ucredit = -1
lcredit = -1
dcredit = -1
ocredit = -1
difok = 8
maxrepeat = 3
dictcheck = 1
usercheck = 1
enforcing = 1
enforce_for_root
`

const lockout = `${ours}deny = 3
fail_interval = 900
unlock_time = 900
audit
even_deny_root
`

/** PAM's own way in for additions: three failures lock, and five former passwords are remembered. */
const pamLock = `Name: Quartermaster: lock after failures
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
\trequisite pam_faillock.so preauth
Auth-Initial:
\trequisite pam_faillock.so preauth
Account-Type: Primary
Account:
\trequired pam_faillock.so
`
const pamFail = `Name: Quartermaster: count failures
Default: yes
Priority: 0
Auth-Type: Primary
Auth:
\t[default=die] pam_faillock.so authfail
`
const pamHistory = `Name: Quartermaster: remember passwords
Default: yes
Priority: 1000
Password-Type: Primary
Password:
\trequisite pam_pwhistory.so remember=5 use_authtok enforce_for_root
Password-Initial:
\trequisite pam_pwhistory.so remember=5 enforce_for_root
`
const renewPam = (host: Host) => void must(host, 'pam-auth-update', ['--package'])

/** "password … rules locked": what a password has, how long it lives, and what failures do. */
export const passwords: Deed[] = [
  file('A password has fifteen characters of four kinds, eight of them new.', '/etc/security/pwquality.conf.d/quartermaster.conf', quality),
  file('Three failures in fifteen minutes lock for fifteen.', '/etc/security/faillock.conf', lockout),
  file('A locked person is refused before the password is looked at.', '/usr/share/pam-configs/quartermaster-lock', pamLock, {
    after: renewPam,
  }),
  file('Failures are counted.', '/usr/share/pam-configs/quartermaster-fail', pamFail, { after: renewPam }),
  file('The last five passwords are refused.', '/usr/share/pam-configs/quartermaster-history', pamHistory, { after: renewPam }),
  file(
    'Passwords live a day at least and sixty at most; what is made is for its owner alone.',
    '/etc/login.defs',
    withValues(
      {
        PASS_MAX_DAYS: '60',
        PASS_MIN_DAYS: '1',
        PASS_WARN_AGE: '7',
        UMASK: '077',
        ENCRYPT_METHOD: 'SHA512',
        SHA_CRYPT_MIN_ROUNDS: '65536',
        SHA_CRYPT_MAX_ROUNDS: '65536',
        LOG_OK_LOGINS: 'yes',
      },
      (name, value) => `${name}\t${value}`,
      name => new RegExp(`^#?\\s*${name}\\s.*$`, 'm'),
    ),
  ),
  file('A failure at the machine takes four seconds.', '/etc/pam.d/login', text =>
    text.replace(/^(auth\s+optional\s+pam_faildelay\.so\s+delay=)\d+$/m, (_line, before) => `${before}4000000`),
  ),
]
