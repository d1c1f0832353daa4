import { chownSync, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'

/** Who the cluster's processes and files belong to, as the system knows them. */
export type Owner = { name: string; uid: number; gid: number }

const people = (): Owner[] =>
  readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }))

/** The system's name of whoever runs this process. */
export const callerName = (): string => userInfo().username

export const callerIsRoot = (): boolean => process.getuid?.() === 0

/**
 * PostgreSQL refuses to run as root. A caller who is root runs it as whoever owns the cluster already, else as `postgres`, else as `nobody`;
 * anybody else runs it as themselves.
 */
export function clusterOwner(clusterFolder: string): Owner {
  if (!callerIsRoot()) {
    const { username, uid, gid } = userInfo()
    return { name: username, uid, gid }
  }
  const holder = statSync(clusterFolder, { throwIfNoEntry: false })?.uid
  const known = people()
  const owner = holder
    ? known.find(({ uid }) => uid === holder)
    : (known.find(({ name }) => name === 'postgres') ?? known.find(({ name }) => name === 'nobody'))
  if (!owner) throw new Error(`PostgreSQL may not run as root, and this machine has no user to run the cluster in ${clusterFolder} as.`)
  return owner
}

/** Gives a file to the owner of the cluster; without root it is theirs already. */
export function giveTo(owner: Owner, file: string): void {
  if (callerIsRoot()) chownSync(file, owner.uid, owner.gid)
}

/** Refuses a cluster that belongs to somebody else than the one who would run it. */
export function refuseForeignCluster(clusterFolder: string, owner: Owner): void {
  const holder = statSync(clusterFolder, { throwIfNoEntry: false })?.uid
  if (holder === undefined || holder === owner.uid) return
  const whose = people().find(({ uid }) => uid === holder)?.name ?? `user ${holder}`
  throw new Error(`The database in ${clusterFolder} belongs to ${whose}, and this is ${owner.name}: start as root or as ${whose}.`)
}
