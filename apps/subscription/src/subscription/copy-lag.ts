/** Nest's token for how far a copy at Microsoft may lag, in milliseconds (rule 2). */
export const COPY_LAG = Symbol('COPY_LAG');
