/** Rows that came as JSON, with the moments in `names` as Dates again: JSON knows none. */
export function withDates<Row extends object>(rows: Row[], ...names: (keyof Row)[]): Row[] {
  for (const row of rows) {
    for (const name of names) if (typeof row[name] === 'string') row[name] = new Date(row[name] as string) as Row[keyof Row]
  }
  return rows
}
