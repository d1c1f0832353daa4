import { type Rule, sshValue } from '../rule.ts'

const met = 'the installer (ssh.ts, profiles/stig.ts)'

/** How somebody gets in from afar. */
export const ssh: Rule[] = [
  {
    id: 'ssh-ciphers',
    title: 'SSH speaks FIPS-approved ciphers alone',
    severity: 'high',
    origin: 'UBTU-22-255050',
    value: 'AES in GCM and CTR',
    met,
    check: sshValue('ciphers', 'aes256-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-gcm@openssh.com,aes128-ctr'),
  },
  {
    id: 'ssh-macs',
    title: 'SSH authenticates by SHA-2 alone',
    severity: 'high',
    origin: 'UBTU-22-255055',
    value: 'HMAC with SHA-512 and SHA-256',
    met,
    check: sshValue('macs', 'hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-256'),
  },
  {
    id: 'ssh-key-exchange',
    title: 'SSH agrees on keys by approved curves and groups',
    severity: 'high',
    origin: 'UBTU-22-255060',
    value: 'ECDH over NIST curves, groups 14, 16 and 18',
    met,
    check: sshValue(
      'kexalgorithms',
      'ecdh-sha2-nistp384,ecdh-sha2-nistp521,ecdh-sha2-nistp256,diffie-hellman-group18-sha512,diffie-hellman-group16-sha512,diffie-hellman-group14-sha256',
    ),
  },
  {
    id: 'ssh-host-keys',
    title: 'SSH shows host keys of approved kinds',
    severity: 'medium',
    origin: 'FIPS 186; UBTU-22-255 group',
    value: 'ECDSA and RSA with SHA-2',
    met,
    check: `${sshValue('usepam', 'yes')}
sshd_values | grep -i '^hostkeyalgorithms ' | grep -Eiq 'ed25519|sk-|ssh-rsa|dss' && fail 'others are offered'`,
  },
  {
    id: 'ssh-no-root',
    title: 'Nobody signs in as root by SSH',
    severity: 'high',
    origin: 'UBTU-22-255 group',
    value: 'PermitRootLogin no, AllowUsers admin',
    met,
    check: `${sshValue('permitrootlogin', 'no')}\n${sshValue('allowusers', 'admin')}`,
  },
  {
    id: 'ssh-no-forwarding',
    title: 'SSH forwards no port, socket, agent, screen or network',
    severity: 'high',
    origin: 'UBTU-22-255040; product requirement',
    value: 'all forwarding off',
    met,
    check: ['allowtcpforwarding', 'allowstreamlocalforwarding', 'allowagentforwarding', 'x11forwarding', 'permittunnel', 'gatewayports']
      .map(name => sshValue(name, 'no'))
      .join('\n'),
  },
  {
    id: 'ssh-no-environment',
    title: 'SSH takes no environment and runs no file of the user',
    severity: 'high',
    origin: 'UBTU-22-255025',
    value: 'PermitUserEnvironment no, PermitUserRC no, no AcceptEnv',
    met,
    check: `${sshValue('permituserenvironment', 'no')}
${sshValue('permituserrc', 'no')}
sshd_values | grep -qi '^acceptenv .' && fail 'variables of the client are taken'`,
  },
  {
    id: 'ssh-keys-of-root',
    title: "Operators' keys stand where only root writes",
    severity: 'medium',
    origin: 'own',
    value: 'AuthorizedKeysFile below /etc/ssh',
    met,
    check: sshValue('authorizedkeysfile', '/etc/ssh/authorized_keys/%u /etc/ssh/authorized_keys/%u.pair'),
  },
  {
    id: 'ssh-no-empty-passwords',
    title: 'SSH asks PAM, and takes no empty password and no word of another host',
    severity: 'high',
    origin: 'UBTU-22-255025, UBTU-22-255065',
    value: 'UsePAM yes, PermitEmptyPasswords no, HostbasedAuthentication no',
    met,
    check: [sshValue('usepam', 'yes'), sshValue('permitemptypasswords', 'no'), sshValue('hostbasedauthentication', 'no')].join('\n'),
  },
  {
    id: 'ssh-dead-clients',
    title: 'SSH ends clients that are gone, and allows three tries',
    severity: 'medium',
    origin: 'UBTU-22-255030, UBTU-22-255035',
    value: 'interval 600 s, count 1; three tries',
    met,
    check: [sshValue('clientaliveinterval', '600'), sshValue('clientalivecountmax', '1'), sshValue('maxauthtries', '3')].join('\n'),
  },
  {
    id: 'ssh-notice',
    title: 'SSH shows the notice before it asks for anything',
    severity: 'medium',
    origin: 'UBTU-22-255020',
    value: 'Banner /etc/issue.net',
    met,
    check: sshValue('banner', '/etc/issue.net'),
  },
]
