/** Each slot holds the number of the last change that fell to it: change n belongs to slot n modulo their count. */
export const CLOCK_SLOTS = 1000
export const CLOCK_TABLE = 'bench.clock'
