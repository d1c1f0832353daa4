import Mocha from 'mocha'

/** mocha's own report, closed by one plain line that says in every tool's words how it went. */
class ClosingLine extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ''}`)
  }
}

// mocha wants the class itself from require(), which this name gives it.
export { ClosingLine as 'module.exports' }
