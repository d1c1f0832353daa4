import type { Route } from '../route.ts'

/** The Licensing workspace's part of the site map. */
export const licensingRoutes: Route[] = []
