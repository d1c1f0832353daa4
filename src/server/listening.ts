/** Opens a door; where its port is taken or forbidden, says in one sentence which setting to change. */
export async function listening<Door>(setting: string, wanted: number, open: () => Promise<Door>): Promise<Door> {
  try {
    return await open()
  } catch (error) {
    const { code, port = wanted, address = '' } = error as NodeJS.ErrnoException & { port?: number; address?: string }
    if (code === 'EADDRINUSE')
      throw sentence(`Port ${port} is in use by another program. Stop it, or name another port with ${setting}.`, error)
    if (code === 'EACCES')
      throw sentence(`Port ${port} may not be opened by this user. Run as root, or name a port above 1023 with ${setting}.`, error)
    if (code === 'EADDRNOTAVAIL')
      throw sentence(`The address ${address} is not one of this machine. Name another with QUARTERMASTER_LISTEN.`, error)
    throw error
  }
}

const sentence = (words: string, cause: unknown) => new Error(words, { cause })
