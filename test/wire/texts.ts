import fc from 'fast-check'

/** Texts full of what encoders get wrong: brackets of CDATA, quotes, backslashes, controls, the ends of Unicode's planes. */
export const awkwardText = fc.string({
  unit: fc.constantFrom(
    ...['a', ' ', '"', '\\', '<', '>', '&', ']', ']]>', '{', '}', ':', '\n', '\r', '\t', '\u0001', '\u007f', '\u0085', 'é', '\u2028'],
    ...['\ud7ff', '\ue000', '\ufdd0', '\ufffd', '\ufffe', '\uffff', '\u{10000}', '\u{10ffff}', '😀', '\ufeff'],
  ),
  maxLength: 40,
})
