import type { Size } from '../generate/sizes.ts'
import type { Spread } from '../pairs.ts'
import type { Place } from '../place.ts'

/** One line of the table: a figure, the yardstick's beside it, and their ratio. */
export type Figure = {
  name: string
  unit: string
  work: Spread
  yardstick: Spread | undefined
  ratio: Spread | undefined
  /** What the design asks of the ratio, in words. */
  goal: string
  /** Further facts, for the reader and the JSON. */
  facts: Record<string, number | string>
}

/** Something that is measured; on data sets of these sizes alone, where `sizes` names some. */
export type Work = { name: string; sizes?: Size[]; measure(place: Place, options: { pairs: number; products?: number }): Promise<Figure[]> }
