import type { SecureContextOptions } from 'node:tls'

/**
 * "TLS 1.2 and 1.3 only, forward-secret AEAD suites from the FIPS list, no renegotiation, no compression": compression the platform does not
 * have, renegotiation TLS 1.3 does not have and the platform limits in 1.2.
 */
export const tlsPolicy: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
  ecdhCurve: 'P-256:P-384:P-521',
  honorCipherOrder: true,
}
