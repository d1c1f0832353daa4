import fc from 'fast-check'
import { type BothSides, openBothSides } from './bothSides.ts'
import { anyCommands } from './commands.ts'
import { keepCloud, takeBackup } from './keepsakes.ts'
import { World } from './world.ts'

/**
 * Lives so many random lives of a server and its cloud, with the real code of both, and holds after each: nothing was applied twice, a clone was
 * flagged the second time, certificates disturbed nobody, and two exchanges bring both together again. Gives what was done how often.
 */
export async function bothSidesAgree(numRuns: number, seed?: number, told: (run: number) => void = () => {}): Promise<void> {
  const sides: BothSides = await openBothSides()
  try {
    await keepCloud(sides.upstream.database)
    const base = await takeBackup(sides.context.storage.db)
    let run = 0
    await fc.assert(
      fc.asyncProperty(anyCommands, async commands => {
        const world = new World(sides, base)
        await world.begin()
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands)
        await world.heal()
        await world.checkAgreement()
        world.checkFlag()
        await world.checkCertificates()
        told(++run)
      }),
      { numRuns, ...(seed !== undefined && { seed }) },
    )
  } finally {
    await sides.close()
  }
}
