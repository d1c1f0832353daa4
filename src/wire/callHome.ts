/** The Call Home binding (5.9): the same JSON, wrapped in SOAP. One module, should the record of the real one ever change it. */
export * from './callHome/read.ts'
export * from './callHome/soapFault.ts'
export * from './callHome/write.ts'
