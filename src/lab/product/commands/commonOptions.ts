import type { ParseArgsOptionsConfig } from 'node:util'

/** The options that every command takes. */
export const commonOptions = {
  state: { type: 'string' },
  data: { type: 'string' },
  url: { type: 'string' },
  trust: { type: 'string' },
  'tls-trust': { type: 'string' },
  transport: { type: 'string' },
  pid: { type: 'string' },
  sn: { type: 'string' },
  hostname: { type: 'string' },
  ha: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig

/** What they mean. */
export const commonHelp = `Options of every command:
  --state DIR         where the product keeps its keys and what it remembers (products/default in the laboratory's data folder)
  --url URL           the server's base address; the path follows the transport
  --trust FILE        the licensing root, PEM
  --tls-trust FILE    the authority of the server's TLS certificate, PEM
  --transport NAME    smart (JSON, the default) or callhome (SOAP)
  --pid PID  --sn SN  who the product is; --hostname NAME, or '' to withhold it
  --ha LIST           further devices of the product: PID:SN[:Standby|Member[:hostname]], several with commas or by repeating the option
  --data DIR          the laboratory's data folder ($QUARTERMASTER_DATA, or var in the checkout)
  --json              print one JSON object instead of sentences
URL and both trusts are those of the running laboratory unless they were given once; a product remembers what it was given.`
