import { show } from '../render.ts'
import type { Visit } from '../visit.ts'

const view = { page: 'admin/home/index.njk', fragment: 'admin/home/_overview.njk' }

/** The page of tiles, the health of the system and the latest alerts. */
export async function adminHome(visit: Visit): Promise<void> {
  show(visit, view, {})
}
