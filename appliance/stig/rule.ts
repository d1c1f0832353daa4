/**
 * One rule of our own benchmark. No DISA STIG for Debian exists: each rule names where its idea is from, and is checked on the machine itself.
 * `check` is the body of a shell program: it calls `fail` with a sentence for what it finds, and passes when it comes to its end. It reads files
 * below "$root" and runs programs of the machine through `on`.
 */
export type Rule = {
  /** Short and for ever: auditors refer to it. */
  id: string
  title: string
  severity: 'high' | 'medium' | 'low'
  origin: string
  /** What must be so, in words. */
  value: string
  /** What of the appliance sees to it. */
  met: string
  check: string
  /** Needs the machine to run: in an image or a folder it does not apply. */
  live?: true
  /** Known not to be met, and why that is borne: an open finding with its reason. */
  exception?: string
}

/** A line that must stand in a file. */
export const hasLine = (path: string, pattern: string, sentence: string): string =>
  `grep -Eqs -e '${pattern}' "$root${path}" || fail '${sentence}'`

/** A value of sshd, as somebody who signs in as admin gets it. */
export const sshValue = (name: string, value: string): string =>
  `sshd_values | grep -qix '${name} ${value}' || fail 'sshd does not have ${name} ${value}'`

/** A value of the kernel: as it is, or in a folder as it will be set. */
export const kernelValue = (name: string, value: string): string => `[ "$(kernel ${name})" = '${value}' ] || fail '${name} is not ${value}'`

/** A service that starts with the machine. */
export const isEnabled = (unit: string): string =>
  `on systemctl is-enabled --quiet ${unit} || fail '${unit} does not start with the machine'`

/** Mode and owner of a path. */
export const isOwned = (path: string, mode: string, owner: string): string =>
  `[ "$(on stat -L -c '%a %U:%G' ${path} 2>/dev/null)" = '${mode} ${owner}' ] || fail '${path} is not ${mode} ${owner}'`
