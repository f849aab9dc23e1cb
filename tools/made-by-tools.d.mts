export const madeByTools: ReadonlySet<string>;
