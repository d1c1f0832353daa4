import { randomBytes } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

/** What the answer's scripts must carry, made for this answer alone. */
export const nonceOf = (response: Response): string => response.locals.nonce as string

const policy = (nonce: string) =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // htmx alone may turn text into elements, by the policy of its extension hx-csp.
    "require-trusted-types-for 'script'",
    'trusted-types htmx',
  ].join('; ')

const always = {
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cache-Control': 'no-store',
}

/** security.md, Transport and headers: on every answer of 8443. Answers are not to be kept; assets, which hold nothing, say otherwise. */
export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  const nonce = randomBytes(16).toString('base64')
  response.locals.nonce = nonce
  response.set({ ...always, 'Content-Security-Policy': policy(nonce) })
  next()
}
