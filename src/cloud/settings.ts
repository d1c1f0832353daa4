import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Way } from './way.ts'
import { WayFault } from './wayFault.ts'

type Settings = Pick<Config, 'cloudUrl' | 'cloudCaFile'>

/** The address of the cloud, and the way to it with the certificates of the extra file: all as they are now, so that a change counts at once. */
export async function destination(
  { cloudUrl, cloudCaFile }: Settings,
  readWay: () => Promise<Way>,
  path = '',
): Promise<{ url: URL; way: Way }> {
  if (!cloudUrl) throw unset('No address of the cloud is set. Name it in QUARTERMASTER_CLOUD_URL, or synchronize by file.')
  const way = await readWay()
  const more = cloudCaFile ? [readCertificates(cloudCaFile)] : []
  return { url: new URL(cloudUrl + path), way: { ...way, authorities: [...way.authorities, ...more] } }
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unset(`The file ${file} of QUARTERMASTER_CLOUD_CA cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}

const unset = (sentence: string) => new WayFault('settings', { kind: 'cloud', host: '' }, 'UNSET', { detail: sentence })
