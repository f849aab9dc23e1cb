/** The clocks of two machines, Microsoft's or ours, may differ by so much: what lies nearer together has no order by them. */
export const clockToleranceMs = 5_000;
