import { goesWithout, type ProxySetting } from '../rules/proxy.ts'

/** How to get to the cloud, as it is set at this moment: over a proxy or straight, and whom to believe beside the usual authorities, in PEM. */
export type Way = { proxy: (ProxySetting & { password: string | null }) | null; authorities: string[] }

/** Over no proxy, and with the usual authorities. */
export const straight: Way = { proxy: null, authorities: [] }

/** The proxy that stands between us and a host. */
export const proxyTo = (host: string, { proxy }: Way): Way['proxy'] => (proxy && !goesWithout(host, proxy.without) ? proxy : null)
