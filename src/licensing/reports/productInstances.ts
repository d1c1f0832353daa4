import type { ProductInstanceState } from '../../rules/productInstances.ts'
import { type ListedInstance, listingOfProductInstances } from '../../storage/listings/productInstances.ts'
import type { Report } from './report.ts'

const states: Record<ProductInstanceState, string> = { REGISTERED: 'Registered', PENDING_ACK: 'Not acknowledged', EXPIRED: 'Expired' }

/** What is registered, and what it uses. */
export const productInstancesReport: Report<ListedInstance> = {
  name: 'product-instances',
  title: 'Product instances',
  words: 'What is registered here, when it was last heard of, and what it uses.',
  sign: 'server',
  searched: 'name, serial number or product',
  filters: [
    { name: 'state', words: 'State', choices: [['', 'Any state'], ...(Object.entries(states) as [string, string][])] },
    {
      name: 'contact',
      words: 'Contact',
      choices: [
        ['', 'With and without contact'],
        ['failed', 'Failed to connect or to renew'],
      ],
    },
  ],
  columns: [
    { heading: 'Name', name: 'name', value: row => row.name },
    { heading: 'Product type', name: 'productType', value: row => row.productType },
    { heading: 'PID', name: 'pid', value: row => row.udiPid },
    { heading: 'Serial number', name: 'serialNumber', value: row => row.udiSerialNumber },
    { heading: 'State', name: 'state', value: row => states[row.state] },
    { heading: 'Local Virtual Account', name: 'localVirtualAccount', value: row => row.localVirtualAccount },
    {
      heading: 'Licenses',
      name: 'licenses',
      value: row => row.licenses.map(({ displayName, quantity }) => `${quantity} × ${displayName}`).join('; '),
    },
    { heading: 'Out of compliance', name: 'outOfCompliance', value: row => row.licenses.filter(({ short }) => short).length },
    { heading: 'Registered', name: 'registeredAt', value: row => row.registeredAt },
    { heading: 'Last contact', name: 'lastContactAt', value: row => row.lastContactAt },
    { heading: 'Agent', name: 'agentVersion', value: row => row.agentVersion },
  ],
  list: (db, scope, { search, chosen }) =>
    listingOfProductInstances(db, scope, {
      states: (Object.keys(states) as ProductInstanceState[]).filter(state => state === chosen.state),
      text: search,
      descending: false,
      silent: chosen.contact === 'failed',
    }),
}
