import { closeSync, openSync, writeSync } from 'node:fs'
import type { Use } from '../../../src/lab/product/agent/state.ts'

/** What the driver knows of one product, by what the server acknowledged to it. */
export type Entry = {
  serialNumber: string
  instanceId: string | null
  /** It took its leave and was told of an error: "the client treats any signed answer as done", whatever the server made of it. */
  mayBeGone: boolean
  /** The serial number of the ID certificate it holds. */
  certificate: string | null
  /** What its last acknowledged report said; null before the first, when it may be anything that was sent. */
  acknowledged: Use[] | null
  /** What was sent after that without an answer: each may or may not have taken effect. */
  doubtful: Use[][]
}

/** The driver's own books: what the server acknowledged, on the disk before the product goes on. */
export type Ledger = {
  entries: Map<string, Entry>
  /** Acknowledged REGISTRATIONs, those with `force` included: each is a use of the token. */
  registrations: number
  forced: number
  renewals: number
  deregistrations: number
  reports: number
  unanswered: number
  /** What must never be, as it was met. */
  violations: string[]
  registered(serialNumber: string, instanceId: string): void
  renewed(serialNumber: string): void
  /** Whatever the product was told: this is the certificate that it holds now. */
  holds(serialNumber: string, certificate: string | null): void
  deregistered(serialNumber: string): void
  leftUnheard(serialNumber: string): void
  sent(serialNumber: string, usage: Use[]): void
  reported(serialNumber: string, usage: Use[]): void
  /** Something else happened: for whoever reads the journal. */
  noted(words: object): void
  violated(sentence: string): void
  close(): void
}

/** What is held against the database. */
export type Books = Pick<Ledger, 'entries' | 'registrations' | 'renewals' | 'deregistrations'>

/** Opens books in `file`, a line for each acknowledgement. */
export function openLedger(file: string): Ledger {
  const journal = openSync(file, 'w', 0o600)
  const entries = new Map<string, Entry>()
  const write = (line: object) => void writeSync(journal, `${JSON.stringify({ at: new Date().toISOString(), ...line })}\n`)
  const entryOf = (serialNumber: string): Entry => {
    const entry = entries.get(serialNumber) ?? {
      serialNumber,
      instanceId: null,
      mayBeGone: false,
      certificate: null,
      acknowledged: null,
      doubtful: [],
    }
    entries.set(serialNumber, entry)
    return entry
  }
  return {
    entries,
    registrations: 0,
    forced: 0,
    renewals: 0,
    deregistrations: 0,
    reports: 0,
    unanswered: 0,
    violations: [],
    registered(serialNumber, instanceId) {
      write({ registered: serialNumber, instanceId })
      const entry = entryOf(serialNumber)
      this.registrations++
      // "`force=true` -> keep PIID, …, usage kept until next AUTHORIZATION" (5.5): what was acknowledged before still holds.
      if (entry.instanceId === instanceId) this.forced++
      else {
        if (entry.mayBeGone) this.deregistrations++
        else if (entry.instanceId !== null) this.violated(`${serialNumber} got another identifier by force.`)
        Object.assign(entry, { acknowledged: [], doubtful: [] })
      }
      entry.mayBeGone = false
      entry.instanceId = instanceId
    },
    renewed(serialNumber) {
      write({ renewed: serialNumber })
      this.renewals++
    },
    holds(serialNumber, certificate) {
      entryOf(serialNumber).certificate = certificate
    },
    deregistered(serialNumber) {
      write({ deregistered: serialNumber })
      this.deregistrations++
      Object.assign(entryOf(serialNumber), { instanceId: null, acknowledged: null, doubtful: [] })
    },
    leftUnheard(serialNumber) {
      write({ leftUnheard: serialNumber })
      entryOf(serialNumber).mayBeGone = true
    },
    sent(serialNumber, usage) {
      this.unanswered++
      entryOf(serialNumber).doubtful.push(usage)
    },
    reported(serialNumber, usage) {
      write({ reported: serialNumber, usage })
      this.reports++
      this.unanswered--
      Object.assign(entryOf(serialNumber), { acknowledged: usage, doubtful: [] })
    },
    noted: write,
    violated(sentence) {
      write({ violated: sentence })
      this.violations.push(sentence)
    },
    close: () => closeSync(journal),
  }
}
