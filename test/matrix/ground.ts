import { findUser } from '../../src/storage/users.ts'
import { serveApi } from '../support/apiSite.ts'
import { openSite, type Site } from '../support/site.ts'
import { buildStage, type Stage } from './stage.ts'
import type { Row } from './walk.ts'
import { walkApi } from './walkApi.ts'
import { walkWeb } from './walkWeb.ts'

/** The site and the API on one database, with the cast and the stage. */
export type Ground = { site: Site; stage: Stage; api: Awaited<ReturnType<typeof serveApi>>; close(): Promise<void> }

export async function openGround(): Promise<Ground> {
  const site = await openSite()
  await site.hire('Ada')
  const ada = (await findUser(site.context.storage.db, 'ada'))!
  const stage = await buildStage(site.context, site.home, ada.id)
  const api = await serveApi(site.context)
  const close = async () => {
    await api.close()
    await site.close()
  }
  return { site, stage, api, close }
}

/** Walks both tables of routes. */
export const walkEverything = async ({ site, stage, api }: Ground): Promise<Row[]> => [
  ...(await walkWeb(site, stage)),
  ...(await walkApi({ context: site.context, api, stage })),
]
