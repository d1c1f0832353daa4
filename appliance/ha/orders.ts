import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Order, orders } from './facts.ts'

const fileIn = (volatile: string) => join(volatile, 'order')

/** Lays an operator's word where the agent of this node finds it at its next turn; only root may. */
export function giveOrder(volatile: string, order: Order): void {
  const file = fileIn(volatile)
  writeFileSync(`${file}.new`, order, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Takes it away, so that it is obeyed once. Whatever else stands there is no order. */
export function takeOrder(volatile: string): Order | undefined {
  const file = fileIn(volatile)
  try {
    const text = readFileSync(file, 'utf8')
    rmSync(file)
    return orders.find(each => each === text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
