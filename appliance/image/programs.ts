import { spawnSync } from 'node:child_process'

/** Runs a program of the machine that builds, with its arguments as an array; a sentence with its last words where it fails. Gives what it said. */
export function must(program: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', input, maxBuffer: 256 * 1024 * 1024 })
  if (error) throw new Error(`${program} is not on this machine (${(error as NodeJS.ErrnoException).code}).`)
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with code ${status}. It said: ${stderr.trim().split('\n').slice(-8).join(' / ')}`)
  return stdout
}

/**
 * Runs a program inside a root, with a /proc of its own. Namespaces and not mounts of this machine, so that whoever is killed in the middle leaves
 * nothing mounted.
 */
export const inside = (root: string, program: string, ...args: string[]): string =>
  must('unshare', ['--mount', '--pid', '--fork', `--root=${root}`, '--mount-proc', '/usr/bin/env', '-i', ...environment, program, ...args])

const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive', 'HOME=/root']
