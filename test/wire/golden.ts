import { readFileSync } from 'node:fs'

/** The bytes of a message of `golden/`. */
export const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url))
