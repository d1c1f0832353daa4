import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCredentials } from '../../../appliance/ha/keys.ts'
import { openPeer } from '../../../appliance/ha/peer.ts'
import type { Order } from '../../../appliance/ha/states.ts'
import type { NodeFile } from './agentProcess.ts'

/** Gives the other node of the pair an operator's word: `order.ts NODE-FILE WORD`. */
const { pair, folder }: NodeFile = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
const peer = openPeer(pair.peer.name, pair.peer.address, pair.agentPort, readCredentials(join(folder, 'keys')))
if (!(await peer.ask('order', { order: process.argv[3] as Order }))) process.exitCode = 1
peer.close()
