import type { AgentStatus } from '../agent/status.ts'
import { authorizationSection } from './authorization.ts'
import { conversionSection } from './conversion.ts'
import { registrationSection } from './registration.ts'
import { section } from './text.ts'

/** `show license status`. */
export const showStatus = (status: AgentStatus, now: Date): string =>
  ['Smart Licensing is ENABLED', statusSections(status, now)].join('\n\n')

/** What `show license status` and `all` share. */
export const statusSections = ({ identity, transport, url, registration, authorization, conversion }: AgentStatus, now: Date): string =>
  [
    section('Utility:', ['Status: DISABLED']),
    section('Data Privacy:', [
      `Sending Hostname: ${identity.hostname === null ? 'no' : 'yes'}`,
      '  Callhome hostname privacy: DISABLED',
      `  Smart Licensing hostname privacy: ${identity.hostname === null ? 'ENABLED' : 'DISABLED'}`,
      'Version privacy: DISABLED',
    ]),
    section('Transport:', [`Type: ${transport === 'smart' ? 'Smart' : 'Callhome'}`, `URL: ${url}`]),
    registrationSection(registration),
    authorizationSection(authorization, now),
    conversionSection(conversion),
  ].join('\n\n')
