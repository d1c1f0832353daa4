import { hasLine, isOwned, type Rule } from '../rule.ts'

const installer = 'the installer'

/** Who may sign in, and how. */
export const people: Rule[] = [
  {
    id: 'console-only',
    title: 'The console is the only shell',
    severity: 'high',
    origin: 'product requirement; UBTU-22-411 group',
    value: 'admin has the console as login shell, and nobody else may sign in',
    met: `${installer} (people.ts)`,
    check: `grep -q '^admin:.*:/usr/local/bin/quartermaster-console$' "$root/etc/passwd" || fail 'admin has another shell'
awk -F: '$3 >= 1000 && $3 < 65000 && $1 != "admin" && $7 !~ /(nologin|false)$/ { print $1 }' "$root/etc/passwd" | grep . && fail 'others have a shell'`,
  },
  {
    id: 'root-locked',
    title: 'Nobody signs in as root by a password',
    severity: 'high',
    origin: 'UBTU-22-411010',
    value: "root's password is locked",
    met: `${installer} (hardening.ts)`,
    check: `grep -Eq '^root:[!*]' "$root/etc/shadow" || fail 'root has a password'`,
  },
  {
    id: 'no-empty-passwords',
    title: 'Nobody has an empty password',
    severity: 'high',
    origin: 'UBTU-22-611060, UBTU-22-611065',
    value: 'no empty field in shadow, no nullok',
    met: 'Debian, and sshd of the installer',
    check: `awk -F: '$2 == "" { print $1 }' "$root/etc/shadow" | grep . && fail 'somebody has an empty password'
grep -Eqs '^PermitEmptyPasswords no' "$root/etc/ssh/sshd_config.d/00-quartermaster.conf" || fail 'sshd may take empty passwords'`,
  },
  {
    id: 'unique-numbers',
    title: 'Every user has a number of their own, and only root has 0',
    severity: 'medium',
    origin: 'UBTU-22-411015',
    value: 'no number twice',
    met: 'Debian',
    check: `cut -d: -f3 "$root/etc/passwd" | sort | uniq -d | grep . && fail 'a number is there twice'
[ "$(awk -F: '$3 == 0' "$root/etc/passwd" | wc -l)" = 1 ] || fail 'others have the number 0'`,
  },
  {
    id: 'lockout',
    title: 'Three failures in fifteen minutes lock',
    severity: 'high',
    origin: 'UBTU-22-411045, V-222432',
    value: 'deny 3, interval 900 s, for 900 s or until unlocked',
    met: `${installer} (hardening.ts)`,
    check: `${hasLine('/etc/security/faillock.conf', '^deny = 3$', 'not after three')}
${hasLine('/etc/security/faillock.conf', '^fail_interval = 900$', 'not in fifteen minutes')}
${hasLine('/etc/security/faillock.conf', '^even_deny_root$', 'not for root')}
${hasLine('/etc/pam.d/common-auth', 'pam_faillock.so preauth', 'PAM does not ask first')}
${hasLine('/etc/pam.d/common-auth', 'pam_faillock.so authfail', 'PAM does not count')}`,
  },
  {
    id: 'password-quality',
    title: 'A password has fifteen characters of four kinds, eight of them new',
    severity: 'medium',
    origin: 'UBTU-22-611010 to 611045',
    value: 'minlen 15; one of each kind; difok 8; dictionary',
    met: `${installer} (hardening.ts)`,
    check: `${[
      'minlen = 15',
      'ucredit = -1',
      'lcredit = -1',
      'dcredit = -1',
      'ocredit = -1',
      'difok = 8',
      'dictcheck = 1',
      'enforce_for_root',
    ]
      .map(line => hasLine('/etc/security/pwquality.conf.d/quartermaster.conf', `^${line}$`, `${line} is missing`))
      .join('\n')}
${hasLine('/etc/pam.d/common-password', 'pam_pwquality.so', 'PAM does not ask for it')}`,
  },
  {
    id: 'password-history',
    title: 'The last five passwords are refused',
    severity: 'medium',
    origin: 'UBTU-22-611050',
    value: 'remember 5',
    met: `${installer} (hardening.ts)`,
    check: hasLine('/etc/pam.d/common-password', 'pam_pwhistory.so.*remember=5', 'PAM remembers none'),
  },
  {
    id: 'password-age',
    title: 'A password lives a day at least and sixty at most',
    severity: 'medium',
    origin: 'UBTU-22-411025, UBTU-22-411030',
    value: 'PASS_MIN_DAYS 1, PASS_MAX_DAYS 60',
    met: `${installer} (hardening.ts)`,
    check: `${hasLine('/etc/login.defs', '^PASS_MAX_DAYS[[:space:]]+60$', 'longer than sixty days')}
${hasLine('/etc/login.defs', '^PASS_MIN_DAYS[[:space:]]+1$', 'shorter than a day')}`,
  },
  {
    id: 'password-hashes',
    title: 'Passwords are kept by a strong function',
    severity: 'high',
    origin: 'UBTU-22-611055, UBTU-22-611070',
    value: 'yescrypt or SHA-512',
    met: 'Debian',
    check: `awk -F: '$2 !~ /^(!|\\*|\\$y\\$|\\$6\\$|!\\$y\\$|!\\$6\\$)/ && $2 != "" { print $1 }' "$root/etc/shadow" | grep . && fail 'somebody has a weak one'`,
  },
  {
    id: 'fail-delay',
    title: 'A failure at the console takes four seconds',
    severity: 'low',
    origin: 'UBTU-22-412010',
    value: 'pam_faildelay 4 s',
    met: `${installer} (hardening.ts)`,
    check: hasLine('/etc/pam.d/login', 'pam_faildelay.so[[:space:]]+delay=4000000$', 'a shorter delay'),
  },
  {
    id: 'umask',
    title: 'What is made is for its owner alone',
    severity: 'medium',
    origin: 'UBTU-22-412035',
    value: 'umask 077',
    met: `${installer} (hardening.ts)`,
    check: hasLine('/etc/login.defs', '^UMASK[[:space:]]+077$', 'a wider umask'),
  },
  {
    id: 'idle-shell',
    title: 'A shell that nobody types into ends',
    severity: 'medium',
    origin: 'UBTU-22-412030',
    value: '10 minutes; the console has a clock of its own',
    met: `${installer} (hardening.ts), tui`,
    check: hasLine('/etc/profile.d/quartermaster.sh', '^TMOUT=600$', 'no TMOUT'),
  },
  {
    id: 'session-limit',
    title: 'Nobody has more than ten sessions at once',
    severity: 'low',
    origin: 'UBTU-22-412020',
    value: 'maxlogins 10',
    met: `${installer} (hardening.ts)`,
    check: hasLine('/etc/security/limits.d/quartermaster.conf', 'hard maxlogins 10', 'no limit'),
  },
  {
    id: 'no-su',
    title: 'Becoming another person is for root alone',
    severity: 'medium',
    origin: 'ANSSI BP-028; UBTU-22-432 group',
    value: 'su 0700; no sudo',
    met: `${installer} (hardening.ts), the packages of the profile`,
    check: `${isOwned('/usr/bin/su', '700', 'root:root')}
[ -e "$root/usr/bin/sudo" ] && fail 'sudo is installed'`,
  },
  {
    id: 'notice',
    title: 'Who signs in reads the notice first, at the machine and by SSH',
    severity: 'medium',
    origin: 'UBTU-22-255020',
    value: 'a notice with consent in issue and issue.net',
    met: `${installer} (hardening.ts), tui`,
    check: `${hasLine('/etc/issue', 'you consent', 'no notice at the machine')}
${hasLine('/etc/issue.net', 'you consent', 'no notice by SSH')}`,
  },
]
