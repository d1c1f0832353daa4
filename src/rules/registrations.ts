import { refuseUnless } from './refusal.ts'

/** "Request fields: Local Account name, Smart Account, Virtual Account, e-mail for notification, message." */
export type AccountRequest = {
  name: string
  smartAccount: string
  virtualAccount: string
  notificationEmail?: string | null | undefined
  message?: string | null | undefined
}

const isName = (text: string) => text.length >= 1 && text.length <= 100 && !/\p{Cc}/u.test(text)
export const isEmail = (text: string) => text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)

/** Checks the fields of a request for a Local Account and gives them without the spaces around them. */
export function checkAccountRequest(request: AccountRequest): Required<AccountRequest> {
  const name = request.name.trim()
  const smartAccount = request.smartAccount.trim()
  const virtualAccount = request.virtualAccount.trim()
  const notificationEmail = request.notificationEmail?.trim() || null
  const message = request.message?.trim() || null
  refuseUnless(isName(name), 'INVALID', 'Give the Local Account a name of 1 to 100 characters.', 'name')
  refuseUnless(isName(smartAccount), 'INVALID', 'Name the Smart Account as the cloud knows it, in 1 to 100 characters.', 'smartAccount')
  refuseUnless(isName(virtualAccount), 'INVALID', 'Name the Virtual Account, in 1 to 100 characters.', 'virtualAccount')
  refuseUnless(!notificationEmail || isEmail(notificationEmail), 'INVALID', 'This is not an e-mail address.', 'notificationEmail')
  refuseUnless(!message || message.length <= 2000, 'INVALID', 'Keep the message within 2,000 characters.', 'message')
  return { name, smartAccount, virtualAccount, notificationEmail, message }
}
