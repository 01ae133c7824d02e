#!/usr/bin/env node
// The command line is TypeScript and runs as it stands; this file only makes Node able to read it.
import { register } from 'tsx/esm/api'

register()
await import('./main.ts')
