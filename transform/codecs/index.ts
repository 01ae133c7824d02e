import type { CodecName } from '../../model/mapping.ts'
import { bytes } from './bytes.ts'
import type { Codec } from './codec.ts'
import { phoenix } from './phoenix.ts'

/** Canonical text as it stands: what a person reads in the HBase shell. */
const utf8: Codec = { layout: () => ({ name: 'text' }) }

/** Every codec a project file may name. Adding one is a file, a line here and its columns in docs/type-mapping.md. */
export const codecs: Readonly<Record<CodecName, Codec>> = { utf8, bytes, phoenix }
