import { devicePaths } from '../../wire/devicePaths.ts'
import type { Visit } from '../visit.ts'

/** An address that a product is configured with. */
export type ProductAddress = { id: string; name: string; url: string }

/**
 * The name by which products find the server: the one by which this visit came, if the server's certificate has it, so that a product will find
 * the server as a person did; else the server's first name.
 */
export const productHost = ({ context, request }: Visit): string => {
  const { hostNames } = context.config
  return hostNames.includes(request.hostname) ? request.hostname : hostNames[0]!
}

/** "The three URLs a product needs", under a name, which has its brackets where it is an IPv6 address. */
export function productAddressesAt({ context }: Visit, host: string): ProductAddress[] {
  const { deviceHttpPort, deviceHttpsPort } = context.config
  const secure = `https://${host}${deviceHttpsPort === 443 ? '' : `:${deviceHttpsPort}`}`
  const plain = `http://${host}${deviceHttpPort === 80 ? '' : `:${deviceHttpPort}`}`
  return [
    { id: 'smart-transport', name: 'Smart Transport, HTTPS', url: secure + devicePaths.smartTransport },
    { id: 'call-home-https', name: 'Call Home, HTTPS', url: secure + devicePaths.callHome },
    { id: 'call-home-http', name: 'Call Home, HTTP', url: plain + devicePaths.callHome },
  ]
}

/** The three URLs under the name that fits this visit. */
export const productAddresses = (visit: Visit): ProductAddress[] => productAddressesAt(visit, productHost(visit))
