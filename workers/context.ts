import type { Client } from '@temporalio/client'
import type { ActivityContext, Meter } from '../activities/context.ts'
import { watchOver } from '../activities/watch.ts'
import { clusterOf, sourceOf, type Connections } from '../config/connections.ts'
import { findProject } from '../config/project.ts'
import { listenToPushback } from './pushback.ts'

export interface Lent {
  readonly connections: Connections
  /** Folder of project files, for projects that are started by their name alone. */
  readonly projects: string
  readonly client: Client
  readonly meter: Meter
  /** Only tests step in between. */
  readonly reached?: ActivityContext['reached']
}

export interface LentContext extends ActivityContext {
  close(): Promise<void>
}

interface Open {
  close(): Promise<void>
}

/** What the activities of this process share: each source and cluster is opened at its first use. */
export function lend({ connections, projects, client, meter, reached }: Lent): LentContext {
  const sources = once((name) => sourceOf(connections, name).open())
  const sinks = once((name) => clusterOf(connections, name).open())
  const pushback = listenToPushback(meter)
  return {
    sources: [...connections.sources.keys()],
    source: sources.get,
    sink: sinks.get,
    loadProject: (name) => findProject(projects, name),
    client,
    watch: watchOver({ client, source: sources.get }),
    signingKey: connections.signingKey,
    pushback: pushback.of,
    meter,
    reached: reached ?? (() => Promise.resolve()),
    async close() {
      pushback.close()
      await Promise.all([sources.close(), sinks.close()])
    },
  }
}

/** Opens each name once; one that could not be opened is tried again by the next who asks. */
export function once<Resource extends Open>(
  open: (name: string) => Promise<Resource>,
): { readonly get: (name: string) => Promise<Resource>; close(): Promise<void> } {
  const opened = new Map<string, Promise<Resource>>()
  const start = (name: string): Promise<Resource> => {
    const opening = Promise.resolve().then(() => open(name))
    opened.set(name, opening)
    opening.catch(() => opened.delete(name))
    return opening
  }
  return {
    get: (name) => opened.get(name) ?? start(name),
    async close() {
      const settled = await Promise.allSettled(opened.values())
      opened.clear()
      const open = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      await Promise.all(open.map((one) => one.close()))
    },
  }
}
