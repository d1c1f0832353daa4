import type { Rule } from './rule.ts'
import { groups } from './rules.ts'

const name = 'net.quartermaster'
const scriptOf = ({ id }: Rule) => `checks/${id}.sh`

export const profileId = `xccdf_${name}_profile_stig`
export const benchmarkFile = 'quartermaster-stig-xccdf.xml'
export const idOf = (rule: Rule): string => `xccdf_${name}_rule_${rule.id}`

/**
 * The rules as an XCCDF 1.2 benchmark and the programs it calls (SCE, the script engine of OpenSCAP), by their names: one engine for the console, CI
 * and auditors. `root`: another machine's file system, which is looked at from outside; empty for this machine.
 */
export function benchmark(version: string, root = ''): Record<string, string> {
  const scripts = groups.flatMap(({ rules }) => rules.map(rule => [scriptOf(rule), script(rule, root)]))
  return { [benchmarkFile]: document(version), ...Object.fromEntries(scripts) }
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

function document(version: string): string {
  const selected = groups.flatMap(({ rules }) => rules.map(rule => `    <select idref="${idOf(rule)}" selected="true"/>`))
  const title = 'Quartermaster, STIG profile'
  return `<?xml version="1.0" encoding="UTF-8"?>
<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_${name}_benchmark_stig" resolved="1" xml:lang="en">
  <status date="2026-01-01">draft</status>
  <title>${title}</title>
  <description>Rules of Quartermaster's own, each with where its idea is from. No DISA STIG for Debian exists, and this is none.</description>
  <version>${escaped(version)}</version>
  <Profile id="${profileId}">
    <title>${title}</title>
${selected.join('\n')}
  </Profile>
${groups.map(group).join('\n')}
</Benchmark>
`
}

const group = ({ id, title, rules }: (typeof groups)[number]) => `  <Group id="xccdf_${name}_group_${id}">
    <title>${escaped(title)}</title>
${rules.map(ruleElement).join('\n')}
  </Group>`

const ruleElement = (rule: Rule) => `    <Rule id="${idOf(rule)}" severity="${rule.severity}" selected="false">
      <title>${escaped(rule.title)}</title>
      <description>${escaped(`What must be so: ${rule.value}. Met by: ${rule.met}.${rule.exception ? ` Known not to be met: ${rule.exception}` : ''}`)}</description>
      <reference>${escaped(rule.origin)}</reference>
      <check system="http://open-scap.org/page/SCE">
        <check-import import-name="stdout"/>
        <check-content-ref href="${scriptOf(rule)}"/>
      </check>
    </Rule>`

/** One check as a program. What it finds is on its standard output, which the results keep. */
function script(rule: Rule, root: string): string {
  const notHere = rule.live && root ? 'exit "$XCCDF_RESULT_NOT_APPLICABLE"\n' : ''
  return `#!/bin/sh
# ${rule.title}.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
root=${quoted(root)}
found=0
fail() { echo "$1"; found=1; }
on() { if [ -n "$root" ]; then chroot "$root" "$@"; else "$@"; fi; }
kernel() { if [ -n "$root" ]; then cat "$root"/etc/sysctl.d/*.conf | sed -n "s/^$1 *= *//p" | tail -n 1; else sysctl -n "$1"; fi; }
# sshd tells its settings only with a folder and a host key, neither of which an image has.
sshd_values() {
  key=
  [ -z "$root" ] || mkdir -p "$root/run/sshd"
  if ! ls "$root"/etc/ssh/ssh_host_*_key >/dev/null 2>&1; then
    key=/tmp/$$-key
    on ssh-keygen -q -t ecdsa -N '' -f "$key"
  fi
  on sshd -T \${key:+-h "$key"} -C user=admin,host=peer,addr=192.0.2.1 2>/dev/null
  [ -z "$key" ] || rm -f "$root$key" "$root$key.pub"
}
${notHere}${rule.check}
[ "$found" = 0 ] && exit "$XCCDF_RESULT_PASS"
exit "$XCCDF_RESULT_FAIL"
`
}
