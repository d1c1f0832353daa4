import { z } from 'zod'

/** DEREGISTRATION: the product takes its leave. It has no members of its own; answered OK without data. */
export const deregistrationRequest = z.object({})
export type DeregistrationRequest = z.output<typeof deregistrationRequest>
