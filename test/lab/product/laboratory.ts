import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommandLine } from '../../../src/lab/product/runCommandLine.ts'
import { type OpenDoor, openTestDoor } from '../../support/deviceDoor.ts'
import { newFolder } from '../../support/folders.ts'
import { insertLots, type TestLots } from '../../support/lots.ts'

export type Said = { code: number; out: string; err: string }

/** A door with something bought behind it, and data folders as `npm start` leaves them. */
export type TestLaboratory = { open: OpenDoor; lots: TestLots<'ADVANTAGE' | 'ESSENTIALS'>; folder(deviceHttp?: string): string }

export async function openLaboratory(): Promise<TestLaboratory> {
  const open = await openTestDoor()
  const lots = await insertLots(open.context, open.home, { ADVANTAGE: 2, ESSENTIALS: 100 })
  return { open, lots, folder: (deviceHttp = `http://127.0.0.1:${open.around.httpPort}`) => writeFolder(open, lots, deviceHttp) }
}

function writeFolder({ around, token }: OpenDoor, { tags }: TestLaboratory['lots'], deviceHttp: string): string {
  const data = newFolder('product')
  const trust = { licensingRoot: join(data, 'licensing-root.pem'), deviceRoot: join(data, 'device-root.pem') }
  writeFileSync(trust.licensingRoot, around.licensingRoot)
  writeFileSync(trust.deviceRoot, around.tlsRoot)
  const laboratory = {
    server: { deviceHttp, deviceHttps: `https://localhost:${around.httpsPort}` },
    token,
    tags: { advantage: tags.ADVANTAGE, essentials: tags.ESSENTIALS },
    trust,
    clock: join(data, 'lab-clock'),
  }
  writeFileSync(join(data, 'lab.json'), JSON.stringify(laboratory))
  return data
}

/** What a command line prints, and how it ends. */
export async function product(data: string, ...words: string[]): Promise<Said> {
  const said = { out: '', err: '' }
  const print = (stream: keyof typeof said) => (line: string) => {
    said[stream] += `${line}\n`
  }
  const code = await runCommandLine(['--data', data, ...words], { out: print('out'), err: print('err') })
  return { code, ...said }
}
