import type { Context } from '../context.ts'
import { deleteSession } from '../storage/sessions.ts'

/** Ends the session: its identifier opens nothing from now on, whoever still has it. */
export const signOut = (context: Context, idHash: Buffer): Promise<void> => deleteSession(context.storage.db, idHash)
