import { devicePaths } from '../../wire/devicePaths.ts'
import type { Visit } from '../visit.ts'

/** An address that a product is configured with. */
export type ProductAddress = { id: string; name: string; url: string }

/**
 * "The three URLs a product needs". Under the name by which this visit came, if the server's certificate has it, so that a product will find
 * the server as a person did; else under the server's first name.
 */
export function productAddresses({ context, request }: Visit): ProductAddress[] {
  const { hostNames, deviceHttpPort, deviceHttpsPort } = context.config
  const host = hostNames.includes(request.hostname) ? request.hostname : hostNames[0]
  const secure = `https://${host}${deviceHttpsPort === 443 ? '' : `:${deviceHttpsPort}`}`
  const plain = `http://${host}${deviceHttpPort === 80 ? '' : `:${deviceHttpPort}`}`
  return [
    { id: 'smart-transport', name: 'Smart Transport, HTTPS', url: secure + devicePaths.smartTransport },
    { id: 'call-home-https', name: 'Call Home, HTTPS', url: secure + devicePaths.callHome },
    { id: 'call-home-http', name: 'Call Home, HTTP', url: plain + devicePaths.callHome },
  ]
}
