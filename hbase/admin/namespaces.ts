import {
  DeleteNamespaceRequest,
  NamespaceDescriptors,
  NamespaceRequest,
} from '../wire/admin-messages.ts'
import type { AdminParts } from './parts.ts'
import { Empty } from '../wire/messages.ts'
import type { NamespaceValue } from '../wire/admin-messages.ts'
import { HBaseError } from '../errors.ts'
import { asBuffer } from '../wire/message.ts'
import { checkNamespace } from '../table-name.ts'
import { isRemote, starting } from './parts.ts'

const CREATE = starting('CreateNamespace', NamespaceRequest)
const MODIFY = starting('ModifyNamespace', NamespaceRequest)
const DELETE = starting('DeleteNamespace', DeleteNamespaceRequest)
const LIST = { name: 'ListNamespaceDescriptors', request: Empty, response: NamespaceDescriptors }

export interface Namespace {
  readonly name: string
  /** Quotas and the like, such as hbase.namespace.quota.maxtables. */
  readonly configuration: Readonly<Record<string, string>>
}

/** All of them throw NAMESPACE_NAME_INVALID for what cannot be the name of a namespace. */
export function namespaceCalls({ master, deadline }: AdminParts) {
  const question = ({ name, configuration }: Namespace) => {
    checkNamespace(name)
    const pairs = Object.entries(configuration).map(([key, value]) => ({ name: key, value }))
    return { namespace: { name: Buffer.from(name), configuration: pairs }, ...master.nonce() }
  }

  return {
    /** Safe to repeat; one that exists is left as it is. */
    async createNamespace(
      name: string,
      configuration: Namespace['configuration'] = {},
    ): Promise<void> {
      const create = master.run(CREATE, question({ name, configuration }), deadline())
      await create.catch((error: unknown) => {
        if (!isRemote(error, 'NamespaceExistException')) throw error
      })
    },

    /** Replaces its configuration. Throws NAMESPACE_NOT_FOUND. */
    async modifyNamespace(name: string, configuration: Namespace['configuration']): Promise<void> {
      await master.run(MODIFY, question({ name, configuration }), deadline())
    },

    /** Throws NAMESPACE_NOT_FOUND; NAMESPACE_NOT_EMPTY while it has tables. */
    async deleteNamespace(name: string): Promise<void> {
      checkNamespace(name)
      await master.run(DELETE, { name, ...master.nonce() }, deadline()).catch((error: unknown) => {
        if (!isRemote(error, 'ConstraintException')) throw error
        const { remoteClass } = error
        throw new HBaseError('NAMESPACE_NOT_EMPTY', { remoteClass, cause: error })
      })
    },

    /** All, HBase's own ("hbase" and "default") among them. The tables of one: `listTables`. */
    async listNamespaces(): Promise<readonly Namespace[]> {
      const { namespaces } = await master.ask(LIST, {}, deadline())
      return namespaces.map(decode).sort((a, b) => (a.name < b.name ? -1 : 1))
    },
  }
}

const decode = ({ name, configuration }: NamespaceValue): Namespace => ({
  name: name === undefined ? '' : asBuffer(name).toString(),
  configuration: Object.fromEntries(
    configuration.map(({ name: key = '', value = '' }) => [key, value]),
  ),
})
