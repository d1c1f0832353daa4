/** What a spreadsheet takes for the beginning of a formula; a cell that begins so is made a text. */
const formula = /^[=+\-@\t\r]/

const cell = (value: string | number | null): string => {
  const text = value === null ? '' : typeof value === 'string' && formula.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A line of CSV (RFC 4180). No cell of it is run as a formula by whoever opens it. */
export const csvLine = (values: (string | number | null)[]): string => `${values.map(cell).join(',')}\r\n`
