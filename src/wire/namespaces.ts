/**
 * Every identifier of 2.1 that names a vendor's host. They are names, never addresses that anybody opens, and stand in this one file
 * so that a neutral set can take their place.
 */
export const SOAP = 'http://www.w3.org/2003/05/soap-envelope'
export const SOAP_ROLE_NEXT = `${SOAP}/role/next`
export const SOAP_ROLE_ULTIMATE_RECEIVER = `${SOAP}/role/ultimateReceiver`

export const AML_SESSION = 'http://www.cisco.com/2004/01/aml-session'
export const AML_BLOCK = 'http://www.cisco.com/2004/01/aml-block'
export const CALL_HOME = 'http://www.cisco.com/2005/05/callhome'

/** The block type of a licensing message. We emit it and never dispatch on it (5.9). */
export const LICENSING_BLOCK = `${CALL_HOME}/smart-licensing`

/** Where a Call Home session says it is going, whatever the URL it is posted to. */
export const SESSION_TO = 'http://tools.cisco.com/neddce/services/DDCEService'
/** Where a Call Home session says it comes from and passes through. */
export const SESSION_FROM = 'http://www.cisco.com/appliance/uri'

/** The one attachment that carries a licensing message. */
export const LICENSING_ATTACHMENT = 'smart_licensing_data'
