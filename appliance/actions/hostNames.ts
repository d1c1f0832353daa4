import { isIP } from 'node:net'
import { z } from 'zod'

const name = /^(?=.{1,253}$)[A-Za-z\d]([A-Za-z\d-]{0,61}[A-Za-z\d])?(\.[A-Za-z\d]([A-Za-z\d-]{0,61}[A-Za-z\d])?)*$/

export const isHostName = (text: string): boolean => isIP(text) !== 0 || name.test(text)

/** The name or the address of a machine: nothing that a program takes for an option, or a second word. */
export const hostName = z.string().refine(isHostName, 'Give the name or the address of a machine.')
