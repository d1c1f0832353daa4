/** "The sizes a user is told: 4,000 products on 2 vCPU, 50,000 on 4, 100,000 on 6, 300,000 on 8 vCPU and 16 GB." */
export const sizeClasses = [
  { name: 'Small', products: 4_000 },
  { name: 'Medium', products: 50_000 },
  { name: 'Large', products: 100_000 },
  { name: 'Extra large', products: 300_000 },
] as const

/** "Ours is 3,000,000 products a server and 300,000 a Local Account on 2 vCPU and 8 GB." */
export const serverLimit = 3_000_000
export const accountLimit = 300_000

/** The smallest of the classes that holds so many products, and what it holds; beyond the largest, this server's own limit. */
export function sizeClass(products: number): { name: string; limit: number } {
  const fits = sizeClasses.find(size => products <= size.products)
  return fits ? { name: fits.name, limit: fits.products } : { name: 'Beyond the model', limit: serverLimit }
}
