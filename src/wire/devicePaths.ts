/** Where products send to, below the server's name (wire-device 1): the two transports. */
export const devicePaths = {
  smartTransport: '/SmartTransport',
  callHome: '/Transportgateway/services/DeviceRequestHandler',
} as const
