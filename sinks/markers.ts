/**
 * How long HBase must keep delete markers: a write that is older than a marker and arrives after the marker was purged
 * brings a deleted row back. No write of ours arrives later than minutes after its version.
 */
export const MARKERS_KEPT_MS = 86_400_000
