import assert from 'node:assert/strict'
import { approveLocalAccount } from '../../src/administration/accounts/approveLocalAccount.ts'
import { changeLocalAccount } from '../../src/administration/accounts/changeLocalAccount.ts'
import { deactivateLocalAccount } from '../../src/administration/accounts/deactivateLocalAccount.ts'
import { deleteLocalAccount } from '../../src/administration/accounts/deleteLocalAccount.ts'
import { rejectLocalAccount } from '../../src/administration/accounts/rejectLocalAccount.ts'
import { requestLocalAccount } from '../../src/administration/accounts/requestLocalAccount.ts'
import { addUser } from '../../src/administration/addUser.ts'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { renameVirtualAccount } from '../../src/lab/cloud/store/accounts.ts'
import { removeRegistration } from '../../src/lab/cloud/store/registrations.ts'
import { removeAllProductInstances } from '../../src/licensing/removeAllProductInstances.ts'
import { may, type Person } from '../../src/rules/roles.ts'
import { accountTables, findRemains } from '../../src/storage/accountRemains.ts'
import { findLocalAccountByName, getLocalAccount } from '../../src/storage/localAccounts.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator, newToken } from '../support/account.ts'
import { castPassword } from '../support/people.ts'
import { type Branch, seenByCloud, standProduct, type Upstream, useLicenses, withCloud } from '../support/upstream.ts'

describe("a Local Account's life", () => {
  let upstream: Upstream
  let branch: Branch
  let nora: Person
  const at = () => branch.context

  withCloud(async both => {
    ;({ upstream, branch } = both)
    await addUser(branch.context, administrator, {
      username: 'nora',
      displayName: 'Nora',
      email: 'nora@example.com',
      password: castPassword,
      mustChangePassword: false,
      assignments: [],
    })
    nora = { kind: 'user', name: 'nora', assignments: [] }
  })

  let count = 0
  const ask = (given: object = {}) =>
    requestLocalAccount(at(), nora, { name: `Site ${++count}`, smartAccount: 'Example Corp', virtualAccount: `Site ${count}`, ...given })
  const stateOf = async (id: number) => (await getLocalAccount(at().storage.db, id)).state
  const rolesOf = async (username: string) =>
    (await at().storage.db('role_assignments as r').join('users as u', 'u.id', 'r.user_id').where({ username })).map(row => [
      row.role,
      row.local_account_id,
    ])

  it('begins with a request of somebody without a role, who is told by mail to their own address', async () => {
    const account = await ask()
    assert.deepEqual([account.state, account.requestedBy, account.notificationEmail], ['requested', 'nora', 'nora@example.com'])
    await assert.rejects(ask({ name: account.name.toUpperCase() }), { code: 'CONFLICT', field: 'name' })
    await assert.rejects(ask({ name: ' ' }), { code: 'INVALID', field: 'name' })
    await assert.rejects(ask({ notificationEmail: 'nobody' }), { code: 'INVALID', field: 'notificationEmail' })
  })

  it('goes on to an approval and a registration, and whoever asked manages the account from then on', async () => {
    const account = await ask()
    assert.equal((await approveLocalAccount(at(), administrator, account.id)).state, 'approved')
    await assert.rejects(approveLocalAccount(at(), administrator, account.id), { code: 'CONFLICT' })
    const registered = await branch.register(account.name)
    assert.deepEqual([registered.id, registered.state, registered.decidedBy], [account.id, 'registered', 'ada'])
    assert.ok((await rolesOf('nora')).some(([role, id]) => role === 'smart-account-administrator' && id === account.id))
    const kinds = await at().storage.db('events').where({ local_account_id: account.id }).orderBy('id').pluck('kind')
    assert.deepEqual(
      kinds.filter(kind => kind.startsWith('account')),
      ['account requested', 'account approved', 'account registered'],
    )
  })

  it('is left as it was by a registration that the cloud refuses, and says why', async () => {
    const asked = await ask()
    const before = await getLocalAccount(at().storage.db, asked.id)
    await assert.rejects(branch.register(asked.name, { smartAccount: 'Exmaple Corp', message: 'Typed wrongly' }), { code: 'WRONG_ACCOUNT' })
    assert.deepEqual(await getLocalAccount(at().storage.db, asked.id), before)
    const [exchange] = await at().storage.db('synchronizations').where({ local_account_id: asked.id })
    assert.deepEqual([exchange.state, exchange.code], ['refused', 'WRONG_ACCOUNT'])
    assert.match(exchange.message, /There is no Smart Account Exmaple Corp/)
    assert.equal(exchange.summary.asked.smartAccount, 'Exmaple Corp')
    assert.equal((await branch.register(asked.name)).smartAccount.name, 'Example Corp')
  })

  it('ends early with a rejection and its reason, and the name is free again', async () => {
    const account = await ask()
    await assert.rejects(rejectLocalAccount(at(), administrator, { localAccountId: account.id, reason: ' ' }), {
      code: 'INVALID',
      field: 'reason',
    })
    await rejectLocalAccount(at(), administrator, { localAccountId: account.id, reason: 'Use the one of the plant.' })
    const rejected = await getLocalAccount(at().storage.db, account.id)
    assert.deepEqual([rejected.state, rejected.decisionReason], ['rejected', 'Use the one of the plant.'])
    const again = await requestLocalAccount(at(), nora, { name: account.name, smartAccount: 'Example Corp', virtualAccount: 'Other' })
    assert.equal((await findLocalAccountByName(at().storage.db, account.name))?.id, again.id)
    await assert.rejects(rejectLocalAccount(at(), administrator, { localAccountId: account.id, reason: 'Again.' }), { code: 'CONFLICT' })
    await deleteLocalAccount(at(), administrator, { localAccountId: account.id, confirmation: account.name })
    await rejectLocalAccount(at(), administrator, { localAccountId: again.id, reason: 'Not needed.' })
  })

  it('keeps nobody busy with more requests than somebody looks at', async () => {
    const made: { id: number }[] = []
    await assert.rejects(
      async () => {
        for (let i = 0; i < 12; i++) made.push(await ask())
      },
      { code: 'TOO_MANY' },
    )
    for (const { id } of made) await rejectLocalAccount(at(), administrator, { localAccountId: id, reason: 'Too many.' })
  })

  it('is bound by the id of its Virtual Account, whatever the two are called', async () => {
    const account = await branch.register('Bound')
    const virtualId = Number(account.virtualAccount.id)
    await changeLocalAccount(at(), administrator, { localAccountId: account.id, name: 'Called otherwise', notificationEmail: null })
    await upstream.database.write(cloud => renameVirtualAccount(cloud, virtualId, 'Moved'))
    // Somebody else now has the old name, here and there.
    const other = await branch.register('Bound')
    assert.notEqual(other.virtualAccount.id, account.virtualAccount.id)
    await synchronizeLocalAccount(at(), administrator, account.id, 'standard')
    const now = await getLocalAccount(at().storage.db, account.id)
    assert.deepEqual([now.name, now.virtualAccount], ['Called otherwise', { id: String(virtualId), name: 'Moved' }])
    assert.equal(seenByCloud(upstream, account.uuid).registration.virtualAccountId, virtualId)
    await assert.rejects(changeLocalAccount(at(), administrator, { localAccountId: account.id, name: 'BOUND', notificationEmail: null }), {
      code: 'CONFLICT',
      field: 'name',
    })
  })

  it('ends with a guided deactivation: what stands in the way is told, product after product', async () => {
    const account = await branch.register('To be closed')
    const id = await standProduct(branch, account)
    await useLicenses(branch, account, id, { [upstream.ready.tags.advantage]: 3 })
    await synchronizeLocalAccount(at(), administrator, account.id, 'standard')
    const deactivate = (given: object = {}) =>
      deactivateLocalAccount(at(), administrator, {
        localAccountId: account.id,
        reason: 'The site was closed.',
        confirmation: 'To be closed',
        despite: false,
        ...given,
      })
    assert.deepEqual(await findRemains(at().storage.db, account.id), { instances: 1, reported: 1, underWay: null })
    await assert.rejects(deactivate(), { code: 'CONFLICT', message: /still registered/ })
    await assert.rejects(deactivate({ confirmation: 'to be closed' }), { code: 'INVALID', field: 'confirmation' })
    assert.equal(await removeAllProductInstances(at(), administrator, { localAccountId: account.id, reason: 'The site was closed.' }), 1)
    await assert.rejects(deactivate(), { code: 'CONFLICT', message: /synchronize it once more/ })
    await synchronizeLocalAccount(at(), administrator, account.id, 'standard')
    assert.deepEqual(seenByCloud(upstream, account.uuid).productIds, [])
    await deactivate()
    assert.equal(await stateOf(account.id), 'inactive')
    await assert.rejects(synchronizeLocalAccount(at(), administrator, account.id, 'standard'), { code: 'CONFLICT' })
    await assert.rejects(branch.register('To be closed'), { code: 'CONFLICT' })
  })

  it('can be ended all the same, and begun anew with the same Virtual Account once both sides have forgotten it', async () => {
    const account = await branch.register('Dead')
    await standProduct(branch, account)
    const place = (await at().storage.db('local_virtual_accounts').where({ local_account_id: account.id }))[0]
    await newToken(at(), { account, place: { ...place, localAccountId: account.id } })
    await createApiClient(at(), administrator, { name: 'of the dead', localAccountId: account.id })
    const end = { localAccountId: account.id, confirmation: 'Dead' }
    await assert.rejects(deleteLocalAccount(at(), administrator, end), { code: 'CONFLICT', message: /deactivated before/ })
    await deactivateLocalAccount(at(), administrator, { ...end, reason: 'Never mind.', despite: true })
    await deleteLocalAccount(at(), administrator, end)
    for (const table of accountTables) {
      assert.equal((await at().storage.db(table).where({ local_account_id: account.id })).length, 0, table)
    }
    assert.ok((await at().storage.db('events').where({ local_account_id: account.id })).length > 0, 'the log stays')
    const { registration } = seenByCloud(upstream, account.uuid)
    await upstream.database.write(cloud => removeRegistration(cloud, registration.id))
    const anew = await branch.register('Dead')
    assert.deepEqual([anew.state, anew.virtualAccount.id], ['registered', account.virtualAccount.id])
  })

  it('is refused where another account of this server still holds the Virtual Account', async () => {
    const account = await branch.register('Holder')
    const { registration } = seenByCloud(upstream, account.uuid)
    await upstream.database.write(cloud => removeRegistration(cloud, registration.id))
    await assert.rejects(branch.register('Heir', { virtualAccount: 'Holder' }), {
      code: 'VIRTUAL_ACCOUNT_IN_USE',
      message: /Deactivate it first/,
    })
    await deactivateLocalAccount(at(), administrator, {
      localAccountId: account.id,
      reason: 'Moved.',
      confirmation: 'Holder',
      despite: true,
    })
    assert.equal((await branch.register('Heir', { virtualAccount: 'Holder' })).state, 'registered')
  })

  it('leaves no table out when it is deleted', async () => {
    const { rows } = await at().storage.db.raw(
      `select table_name from information_schema.columns where table_schema = current_schema() and column_name = 'local_account_id'`,
    )
    // Mail that waits tells of the account's end, among others, and is sent even so.
    const kept = ['events', 'sessions', 'mails']
    assert.deepEqual(
      rows
        .map((row: { table_name: string }) => row.table_name)
        .filter((name: string) => !kept.includes(name))
        .sort(),
      [...accountTables].sort(),
    )
  })

  it('gives nobody more than the account they asked for', async () => {
    const account = await ask()
    await branch.register(account.name)
    const assignments = (await rolesOf('nora')).map(([role, localAccountId]) => ({ role, localAccountId }))
    const person: Person = { kind: 'user', name: 'nora', assignments }
    assert.ok(may(person, 'manage account', { localAccountId: account.id }))
    assert.ok(!may(person, 'see server') && !may(person, 'see account', { localAccountId: 1_000_000 }))
  })
})
