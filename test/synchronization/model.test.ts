import { bothSidesAgree } from './model/bothSidesAgree.ts'

describe('a server and its cloud, with the real code of both', () => {
  it('never apply anything twice, and are in step two exchanges after any trouble (npm run model for more lives)', async function () {
    this.timeout(240_000)
    await bothSidesAgree(8)
  })
})
