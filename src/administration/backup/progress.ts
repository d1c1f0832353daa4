/** What a backup, a verification or a restore is at. `bytes`: so much has gone through. */
export type Progress = { step: string; bytes?: number }
export type Tell = (progress: Progress) => void

/** Told every so many bytes. */
const every = 8 * 1024 * 1024

/** Passes bytes on and tells how many have gone by. */
export async function* telling(source: AsyncIterable<Buffer>, step: string, tell: Tell): AsyncGenerator<Buffer> {
  let bytes = 0
  let told = 0
  tell({ step, bytes })
  for await (const piece of source) {
    bytes += piece.length
    if (bytes - told >= every) {
      told = bytes
      tell({ step, bytes })
    }
    yield piece
  }
  tell({ step, bytes })
}
