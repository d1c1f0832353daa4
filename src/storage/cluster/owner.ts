import { chownSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'

/** Who the cluster's processes and files belong to, as the system knows them. */
export type Owner = { name: string; uid: number; gid: number }

const people = (): Owner[] =>
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }))

export const callerIsRoot = (): boolean => process.getuid?.() === 0

/** Whoever runs this process. PostgreSQL asks the system for the name, so a number without one, as containers have it, is refused. */
export function caller(): Owner {
  try {
    const { username, uid, gid } = userInfo()
    return { name: username, uid, gid }
  } catch (error) {
    const number = process.getuid?.()
    throw new Error(`User number ${number} has no name in /etc/passwd, and PostgreSQL wants one. Give it a name, or set DATABASE_URL.`, {
      cause: error,
    })
  }
}

function ownerForRoot(clusterFolder: string, holder: number | undefined): Owner {
  const known = people()
  const named = (name: string) => known.find(person => person.name === name)
  if (holder === 0)
    throw new Error(`PostgreSQL may not run as root, to whom ${clusterFolder} belongs. Run: chown -R postgres "${clusterFolder}"`)
  const owner = holder === undefined ? (named('postgres') ?? named('nobody')) : known.find(({ uid }) => uid === holder)
  if (owner) return owner
  throw new Error(`PostgreSQL may not run as root, and this machine has no user ${holder ?? 'postgres'} to run ${clusterFolder} as.`)
}

/**
 * PostgreSQL refuses to run as root. A caller who is root runs it as whoever owns the cluster already, else as `postgres`, else as `nobody`;
 * anybody else runs it as themselves, and is refused a cluster of somebody else.
 */
export function clusterOwner(clusterFolder: string): Owner {
  const holder = statSync(clusterFolder, { throwIfNoEntry: false })?.uid
  if (callerIsRoot()) return ownerForRoot(clusterFolder, holder)
  const self = caller()
  if (holder === undefined || holder === self.uid) return self
  const whose = people().find(({ uid }) => uid === holder)?.name ?? `user number ${holder}`
  throw new Error(`The database in ${clusterFolder} belongs to ${whose}: start as ${whose} or as root, not as ${self.name}.`)
}

/** Gives a file to the owner of the cluster; without root it is theirs already. */
export function giveTo(owner: Owner, file: string): void {
  if (callerIsRoot()) chownSync(file, owner.uid, owner.gid)
}
