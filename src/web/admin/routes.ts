import { paths } from '../paths.ts'
import { onServer, type Route } from '../route.ts'
import { adminHome } from './home.ts'

const { admin } = paths

/** The Admin workspace's part of the site map. */
export const adminRoutes: Route[] = [onServer('get', admin.home, 'see server', adminHome)]
