import { z } from 'zod'

/** HELLO: is anybody there? It may be unsigned; the answer's `connect_info` tells what this side can do. */
export const helloRequest = z.object({})
export type HelloRequest = z.output<typeof helloRequest>
