import { createElement } from 'react'

/** What JSX would be turned into: Node strips types and nothing else, so that components are written as they run. */
export const h = createElement
