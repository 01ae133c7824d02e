import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { SyncError } from '../model/errors.ts'

/** Positions are keys of rows, so they enter the history only sealed: AES-256-GCM, bound to what they belong to. */
export interface Seal {
  close(text: string): string
  /** Throws CURSOR_UNREADABLE when it was sealed by another key or for something else. */
  open(sealed: string): string
}

const VERSION = 'c1.'
const IV = 12
const TAG = 16

/** `about` such as `shop/goods`: what is sealed for one table cannot be opened for another. */
export function sealFor(secret: string, about: string): Seal {
  const key = createHash('sha256').update(`longhaul seal ${secret}`).digest()
  const bound = Buffer.from(about)
  return {
    close(text) {
      const iv = randomBytes(IV)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return VERSION + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed) {
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV))
        decipher.setAAD(bound).setAuthTag(bytes.subarray(IV, IV + TAG))
        return decipher.update(bytes.subarray(IV + TAG), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        throw new SyncError(
          'CURSOR_UNREADABLE',
          `${about}. Its worker has another sealKey, or the password of the source was changed; give the source the old one as sealKey`,
        )
      }
    },
  }
}
