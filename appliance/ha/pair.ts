import { z } from 'zod'

/**
 * What makes two machines a pair: `pair.json` beside the keys, the same on both but for who is `node` and who `peer`. Times are milliseconds.
 * "three addresses (node, node, VIP; IPv4 and, if wanted, IPv6)".
 */
export const pairSettings = z.strictObject({
  cluster: z.uuid(),
  node: z.strictObject({ name: z.string().regex(/^[a-z][a-z\d-]{0,30}$/), address: z.union([z.ipv4(), z.ipv6()]) }),
  peer: z.strictObject({ name: z.string().regex(/^[a-z][a-z\d-]{0,30}$/), address: z.union([z.ipv4(), z.ipv6()]) }),
  interface: z.string().regex(/^[A-Za-z\d][A-Za-z\d._-]{0,14}$/),
  /** The virtual addresses with their prefix; the first is the one that VRRP speaks of, another family goes along. */
  virtualAddresses: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .min(1)
    .max(2),
  gateway: z.union([z.ipv4(), z.ipv6()]),
  /** What a node asks before it goes on without the other (`high-availability.md`, *Decided*). */
  fence: z.enum(['witness', 'gateway', 'strict']),
  witness: z.strictObject({ url: z.url({ protocol: /^https$/ }) }).nullable(),
  routerId: z.number().int().min(1).max(255).default(77),
  agentPort: z.number().int().min(1).max(65535).default(8444),
  databasePort: z.number().int().min(1).max(65535).default(5432),
  /** Seconds between two advertisements of VRRP. */
  advertisement: z.number().min(0.1).max(10).default(0.3),
})
export type Pair = z.infer<typeof pairSettings>

/** An address without its prefix. */
export const bare = (address: string) => address.split('/')[0]!

/** "Timers must satisfy T_promote < T_solo (15) with margin". Milliseconds. */
export const times = {
  /** A standby that has not been in sync for so long does not promote. */
  promote: 10_000,
  /** An active that has been without its standby for so long goes on alone, if its fence lets it. */
  alone: 15_000,
  /** Without gateway and peer for so long, a node takes itself for cut off. */
  isolated: 2_000,
  /** A refused promotion is not tried again for so long: "latch the veto". */
  veto: 30_000,
  /** So long a node that starts waits for its peer before it goes on without. */
  hello: 5_000,
  /** So long a failed database waits for the standby to take over. */
  failed: 10_000,
  /** A standby that does not follow an active peer for so long is set up anew. */
  lost: 20_000,
  /** A node whose server ends again so soon after it became active keeps it: it would end on the other one, too. */
  settled: 60_000,
  /** What the active lets pass before it asks a peer that answers, but does not follow, to give up its claim. */
  claim: 3_000,
} as const

/** A standby closer than this is taken in: "standby streaming and lag < 16 MB". */
export const nearBytes = 16 * 1024 * 1024
