import { type DirectoryServer, type DirectorySettings, serverName } from '../rules/directory.ts'
import { DirectoryFault, type Witness } from './fault.ts'
import { type DirectoryLimits, directoryLimits, type Session, withServer } from './ldap.ts'

/** A directory with all that it takes to ask it. */
export type Directory = {
  settings: DirectorySettings
  bindPassword: string | null
  /** Whom to believe beside the usual authorities, in PEM. */
  authorities: readonly string[]
  limits?: DirectoryLimits
}

/** A server that failed is asked last for so many milliseconds: who signs in meanwhile does not wait for it again. */
const restingTime = 30_000
const restingUntil = new Map<string, number>()

const rests = (server: DirectoryServer) => (restingUntil.get(serverName(server)) ?? 0) > performance.now()

/** Whether each server failed a moment ago. */
export const isOut = ({ servers }: DirectorySettings): boolean => servers.every(rests)

/** The servers in the order in which they are to be asked: as they are set, those that failed a moment ago last. */
const inTurn = ({ servers }: DirectorySettings) => [...servers.filter(server => !rests(server)), ...servers.filter(rests)]

/**
 * Does `work` at the first server that is well: where one cannot be reached, breaks off or is silent, all of it is done anew at the next. Fails
 * with what the last one said. An answer that is an answer (a wrong password, a missing base) is not asked of another.
 */
export async function atDirectory<T>(
  directory: Directory,
  work: (session: Session) => Promise<T>,
  witness: Witness = () => {},
): Promise<T> {
  const { settings } = directory
  let last: DirectoryFault | undefined
  for (const server of inTurn(settings)) {
    try {
      const done = await atServer(directory, server, witness, work)
      restingUntil.delete(serverName(server))
      return done
    } catch (error) {
      if (!(error instanceof DirectoryFault) || !error.isOutage) throw error
      restingUntil.set(serverName(server), performance.now() + restingTime)
      last = error
    }
  }
  throw last!
}

/** Does `work` at one server, after the bind account has signed in. */
export const atServer = <T>(
  { settings, bindPassword, authorities, limits = directoryLimits }: Directory,
  server: DirectoryServer,
  witness: Witness,
  work: (session: Session) => Promise<T>,
): Promise<T> =>
  withServer(server, { security: settings.security, authorities, limits }, witness, async session => {
    await bindAccount(session, { settings, bindPassword }, witness)
    return work(session)
  })

/** Signs the bind account in, where there is one. */
export async function bindAccount(
  session: Session,
  { settings, bindPassword }: Pick<Directory, 'settings' | 'bindPassword'>,
  witness: Witness = () => {},
): Promise<void> {
  if (settings.bindName === null) return witness('bind', 'There is no bind account: the directory is asked as nobody.')
  await session.bind('bind', settings.bindName, bindPassword ?? '')
  witness('bind', `${settings.bindName} is let in.`)
}
