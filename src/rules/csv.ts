/** A spreadsheet takes a text that begins so for a formula, and would run what a product calls itself. */
const formula = /^[=+\-@\t\r\n]/

function csvField(value: string | number | Date | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = value instanceof Date ? value.toISOString() : formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A line of CSV (RFC 4180). Text that a spreadsheet could take for a formula gets an apostrophe in front; numbers are left as they are. */
export const csvLine = (values: (string | number | Date | null)[]): string => `${values.map(csvField).join(',')}\r\n`
