/** How large a server to make. */
export type Size = '4k' | '300k' | '3m'

/**
 * "3,000,000 products a server and 300,000 a Local Account" (product.md): no account of ours is larger, and the large server has some of
 * every sort.
 */
const largest = 300_000

const times = (count: number, products: number): number[] => Array.from({ length: count }, () => products)

/** The products of each Local Account. The first account of 300k and of 3m is the same: what grows between them is the server around it. */
export const sizes: Record<Size, number[]> = {
  '4k': [4_000],
  '300k': [largest],
  '3m': [...times(6, largest), ...times(12, 90_000), ...times(5, 24_000)],
}

/** Whether a text names a size. */
export const isSize = (text: string): text is Size => Object.hasOwn(sizes, text)

/**
 * How an account's products fall into instances. "A *product* is one product instance using any quantity of one license": a controller is
 * 1, "a switch with three license types is 3". The kinds (kinds.ts) come to 30 licenses for 20 instances, so 3,000,000 products are
 * 2,000,000 instances. Beside these stand some that use nothing: one in 300 has let its certificate end, one in 250 registered and has not
 * been heard of since.
 */
export type Crowd = { registered: number; expired: number; pending: number }

const licensesOf20 = 30
/** One of so many instances, counted from the first, is an expired one. */
export const expiredEvery = 301

/** How many instances so many products are. */
export const instancesThatReport = (products: number): number => Math.ceil((products * 20) / licensesOf20)

/** The crowd of an account. */
export function crowdOf(products: number): Crowd {
  const registered = instancesThatReport(products)
  return { registered, expired: Math.floor(registered / (expiredEvery - 1)), pending: Math.ceil(registered / 250) }
}

/** How many instances an account has. */
export const instancesOf = (products: number): number => Object.values(crowdOf(products)).reduce((sum, count) => sum + count, 0)
